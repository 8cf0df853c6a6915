"""Currency codes and the signs people write instead of them.

A sign may stand for several currencies ("$", "kr", "Rs"): the hint (the column, the option) chooses among them; without
one the common meaning is taken where there is one, and none where there is not.
"""

from __future__ import annotations

import functools

from price_parser._currencies import CURRENCIES

# ISO 4217, the active codes of money, and three metals.
_ACTIVE = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF "
    "GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP "
    "LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB "
    "PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
    "THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XAG XAU XCD XOF XPF XPT "
    "YER ZAR ZMW ZWG"
)
# Earlier codes that old data carries, with the currency's last rates.
_HISTORIC = "ATS BEF CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK"
ISO_4217 = frozenset(_ACTIVE.split())
HISTORIC = frozenset(_HISTORIC.split())

_DOLLARS = (
    "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BSD BBD BMD BND BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD"
)
# Codes that are no words of another kind, so that they are known in lower case too ("all", "try" and "top" are not).
_LOWER = "usd eur gbp inr cad aud nzd jpy chf cny sek nok dkk pln czk huf brl mxn zar krw sgd hkd rub ars"
# Sign → what it may stand for; the first is meant where nothing says otherwise, "" means that none is.
_SHARED: dict[str, str] = {
    "$": _DOLLARS,
    "dollar": _DOLLARS,
    "dollars": _DOLLARS,
    "bucks": "USD CAD AUD",
    "£": "GBP EGP LBP SYP GIP FKP SHP SDG SSP",
    "pound": "GBP EGP LBP",
    "pounds": "GBP EGP LBP",
    "quid": "GBP",
    "¥": "JPY CNY",
    "円": "JPY",
    "元": "CNY TWD",
    "rmb": "CNY",
    "rs": "INR PKR LKR NPR MUR SCR",
    "₨": "INR PKR LKR NPR MUR SCR",
    "re": "INR PKR",
    "rupee": "INR PKR LKR NPR MUR",
    "rupees": "INR PKR LKR NPR MUR",
    "kr": " SEK NOK DKK ISK",
    "kroner": " NOK DKK",
    "kronor": "SEK",
    "fr": "CHF XOF XAF",
    "sfr": "CHF",
    "euro": "EUR",
    "euros": "EUR",
    "peso": " MXN ARS CLP COP PHP UYU DOP CUP",
    "pesos": " MXN ARS CLP COP PHP UYU DOP CUP",
    "r": " ZAR",
    "rm": "MYR",
    "rp": "IDR",
    "lei": "RON MDL",
    "руб": "RUB",
    "р": "RUB",
    "грн": "UAH",
    "лв": "BGN",
    "zl": "PLN",
    "kc": "CZK",
    "tl": "TRY",
    "ft": "HUF",
    "dhs": "AED MAD",
    "dh": "AED MAD",
    "sr": "SAR",
    "ksh": "KES",
    "tk": "BDT",
    "us$": "USD",
    "us": "USD",
    "u$s": "USD",
    "c$": "CAD",
    "ca$": "CAD",
    "cdn$": "CAD",
    "a$": "AUD",
    "au$": "AUD",
    "nz$": "NZD",
    "s$": "SGD",
    "hk$": "HKD",
    "nt$": "TWD",
    "r$": "BRL",
    "mx$": "MXN",
    "ar$": "ARS",
}


@functools.cache
def _signs() -> dict[str, tuple[str, ...]]:
    """Every sign, folded, with the currencies it may stand for: price-parser's table, and ours where it is shared."""
    table: dict[str, list[str]] = {}
    for code, info in CURRENCIES.items():
        if code in ISO_4217:
            for sign in (info["s"], info["sn"], *info.get("sn2", ())):
                # Lone Latin letters ("B", "K") mean too much else, and codes are codes only in capitals.
                if sign.upper() not in ISO_4217 and (len(sign) > 1 or not sign.isascii()):
                    table.setdefault(sign.rstrip(".").casefold(), []).append(code)
    # Where several share a sign that is not in our own table, nothing is meant by default.
    signs = {sign: tuple(codes) if len(set(codes)) == 1 else ("", *codes) for sign, codes in table.items()}
    signs.update({code: (code.upper(),) for code in _LOWER.split()})
    signs.update({sign: tuple(codes.split(" ")) for sign, codes in _SHARED.items()})
    return signs


def read_code(text: str) -> str | None:
    """The ISO 4217 code a text is ("usd" → "USD"), or None."""
    code = text.strip().upper()
    return code if code in ISO_4217 or code in HISTORIC else None


def is_sign(text: str) -> bool:
    """Whether a text is a currency's code, or a sign or name that people use for one."""
    return read_code(text) is not None if _is_code_shaped(text) else text.rstrip(".").casefold() in _signs()


def meanings(text: str) -> tuple[str, ...]:
    """What a code, sign or name may stand for, the common meaning first ("" where there is none); empty if unknown."""
    text = text.strip()
    if _is_code_shaped(text) and read_code(text) is not None:
        return (text,)
    known = _signs().get(text.rstrip(".").casefold())
    if known is None and len(text) == 4 and not text[-1].isalnum() and read_code(text[:3]):
        # "USD$": the code says which dollar.
        known = (text[:3].upper(),)
    return known or ()


def read_currency(text: str, hint: str | None = None) -> str | None:
    """The ISO code that a code, sign or name stands for; a `hint` among its meanings is what it means.

    None where it stands for nothing known, or for several of which none is the common meaning.
    """
    return agreed([text], hint) or read_code(text)


def agreed(texts: list[str], hint: str | None = None) -> str | None:
    """The one currency that several signs beside one amount stand for together: "SGD" and "$" are SGD."""
    sets = [meanings(text) for text in texts]
    common = [code for code in sets[0] if all(code in others or code == "" for others in sets[1:])] if sets else []
    if len(sets) > 1 and not any(common):
        return None
    if hint is not None and hint in common:
        return hint
    return (common[0] or None) if common else None


def _is_code_shaped(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()
