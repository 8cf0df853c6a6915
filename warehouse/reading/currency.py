"""Currency codes and the signs people write instead of them.

A sign may stand for several currencies ("$", "kr", "Rs"): the hint (the column, the option) chooses among them; without
one the common meaning is taken where there is one, and none where there is not.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from importlib import resources

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
_HISTORIC = "ATS BEF CYP DEM EEK ESP FIM FRF GRD HRK IEP ITL LTL LUF LVL MTL NLG PTE SIT SKK TRL VEB VEF"
ISO_4217 = frozenset(_ACTIVE.split())
HISTORIC = frozenset(_HISTORIC.split())

# Codes that are no words of another kind, so that they are known in lower case too ("all", "try" and "top" are not).
_LOWER = (
    "usd eur gbp inr cad aud nzd jpy chf cny sek nok dkk pln czk huf brl mxn zar krw sgd hkd rub ars aed thb php idr "
    "myr twd vnd egp kes ngn pkr bdt lkr npr qar sar kwd bhd omr jod ils ron bgn uah kzt clp uyu rsd isk hrk"
)
# Abbreviations in price-parser's table that are far more often words: "5 yr", "da € 72".
_NO_SIGNS = frozenset({"yr", "da", "nu", "af", "cf"})


@functools.cache
def _own() -> dict[str, dict[str, str]]:
    """This project's own tables of signs, from currency_signs.toml."""
    tables: dict[str, dict[str, str]] = tomllib.loads(
        resources.files(__package__).joinpath("currency_signs.toml").read_text(encoding="utf-8")
    )
    return tables


@functools.cache
def _signs() -> dict[str, tuple[str, ...]]:
    """Every sign, folded, with the currencies it may stand for: price-parser's table, and ours where it is shared."""
    table: dict[str, list[str]] = {}
    for code, info in CURRENCIES.items():
        if code in ISO_4217:
            for sign in (info["s"], info["sn"], *info.get("sn2", ())):
                # Lone Latin letters ("B", "K") mean too much else, and codes are codes only in capitals.
                folded = sign.strip("\u200f ").rstrip(".").casefold()
                if sign.upper() not in ISO_4217 and (len(sign) > 1 or not sign.isascii()) and folded not in _NO_SIGNS:
                    table.setdefault(folded, []).append(code)
    # Where several share a sign that is not in our own table, nothing is meant by default.
    signs = {sign: tuple(codes) if len(set(codes)) == 1 else ("", *codes) for sign, codes in table.items()}
    signs.update({code: (code.upper(),) for code in _LOWER.split()})
    signs.update(
        {sign: tuple(codes.split(" ")) for part in ("shared", "names") for sign, codes in _own()[part].items()}
    )
    return signs


def read_code(text: str) -> str | None:
    """The ISO 4217 code a text is ("usd" → "USD"), or None."""
    code = text.strip().upper()
    return code if code in ISO_4217 or code in HISTORIC else None


@functools.lru_cache(maxsize=1 << 12)
def is_sign(text: str) -> bool:
    """Whether a text is a currency's code, or a sign or name that people use for one."""
    return (_is_code_shaped(text) and read_code(text) is not None) or text.rstrip(".").casefold() in _signs()


@functools.lru_cache(maxsize=1 << 12)
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


@functools.lru_cache(maxsize=1 << 12)
def outside(text: str) -> str | None:
    """The usual code of money that ISO 4217 does not know ("₿" is BTC, "toman" is IRT), or None."""
    return _own()["outside"].get(text.strip().rstrip(".").casefold())


@functools.lru_cache(maxsize=1 << 12)
def hundredths(text: str) -> tuple[str, ...]:
    """The currencies that a sign or name of hundredths ("¢", "p", "pence") belongs to; empty where it is none."""
    if text == "GBp":
        return ("GBP",)
    return tuple(_own()["minor"].get(text.rstrip(".").casefold(), "").split())


def read_currency(text: str, hint: str | None = None) -> str | None:
    """The ISO code that a code, sign or name stands for; a `hint` among its meanings is what it means.

    None where it stands for nothing known, or for several of which none is the common meaning.
    """
    return agreed((text,), hint) or read_code(text)


def agreed(texts: Sequence[str], hint: str | None = None) -> str | None:
    """The one currency that several signs beside one amount stand for together: "SGD" and "$" are SGD."""
    return _agreed(tuple(texts), hint)


@functools.lru_cache(maxsize=1 << 12)
def _agreed(texts: tuple[str, ...], hint: str | None) -> str | None:
    sets = [meanings(text) for text in texts]
    common = [code for code in sets[0] if all(code in others or code == "" for others in sets[1:])] if sets else []
    if len(sets) > 1 and not any(common):
        return None
    if hint is not None and hint in common:
        return hint
    return (common[0] or None) if common else None


def _is_code_shaped(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()
