"""The likeliest price is found in texts as shops, markets and people of many countries write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.reading.price import read_price
from warehouse.reading.price_find import LONGEST, _Finder, explain_price, find_price

# text → amount, currency, and where they are not None: per, upper
ONE_PRICE = """
$1.00|1.00|USD                         US $1.00|1.00|USD                   C $ 5|5|CAD
A$5|5|AUD                              AU $ 12.50|12.50|AUD                HK$ 1,299|1299|HKD
$45 (CAD)|45|CAD                       $1,190.00 AUD|1190.00|AUD           SGD4.90 $|4.90|SGD
$ 1.299.990 CLP|1299990|CLP            U$S 85.000|85000|USD                MX$1,299.00|1299.00|MXN
EUR 1.234,56|1234.56|EUR               1 234,56 zł|1234.56|PLN             1 290,- Kč|1290|CZK
12.345,-|12345|-                       1.599,00 € *|1599.00|EUR            ,75 €|0.75|EUR
,89|0.89|-                             35€99|35.99|EUR                     1,235€ 99|1235.99|EUR
$119. 95|119.95|USD                    $19 99|19.99|USD                    $1,234,567.890|1234567.890|USD
CHF 1'234.–|1234|CHF                   1’299.00|1299.00|-                  CHF 1ʼ200.20|1200.20|CHF
20.- CHF|20|CHF                        Fr. 12.50|12.50|CHF                 €1'049,95|1049.95|EUR
Rs. 1,25,000/-|125000|INR              ₹5.5 Lakh|550000|INR                1.2 crore|12000000|-
₹ 1,23,45,678.90|12345678.90|INR       PKR 2.5 crore|25000000|PKR          ₹50 L|5000000|INR
₹99 only|99|INR                        M.R.P.: ₹999|999|INR                12 lakh INR|1200000|INR
$1k|1000|USD                           $1.5M|1500000|USD                   500k|500000|-
3,5 Mio. €|3500000|EUR                 USD 1.2bn|1200000000|USD            5 mil reais|5000|BRL
Rp 1,5 jt|1500000|IDR                  Rp50rb|50000|IDR                    2,5 млн ₽|2500000|RUB
12万円|120000|JPY                      1万2000円|12000|JPY                 12,000원|12000|KRW
¥ 3,980（税込）|3980|JPY               １２３４円|1234|JPY                 3億円|300000000|JPY
۱۲۳٬۰۰۰ تومان|123000|IRT               ١٢٣٫٤٥ ر.س|123.45|SAR               644.00 جنيه|644.00|EGP
423.923 KD|423.923|KWD                 123,456.789 OMR|123456.789|OMR      S/ 25.00|25.00|PEN
R8,499|8499|ZAR                        R 1 299,00|1299.00|ZAR              R$ 1.234,56|1234.56|BRL
2.500.000 đ|2500000|VND                3,990 Ft|3990|HUF                   171900 руб.|171900|RUB
0.005 BTC|0.005|BTC                    99¢|0.99|USD                        50p|0.50|GBP
1250 GBp|12.50|GBP                     99 cents|0.99|USD                   5 dollars and 50 cents|5.50|USD
5 bucks|5|USD                          $0|0|USD                            1.5E+03|1500|-
-$5.00|-5.00|USD                       ($5.00)|-5.00|USD                   R$ -2,00|-2.00|BRL
−3 €|-3|EUR                            -2,525,077.54|-2525077.54|-         Balance: -$5|-5|USD
5.00-|-5.00|-                          - $44.99|44.99|USD                  Widget -$5|5|USD
Free|0|-                               FREE!|0|-                           Price: free|0|-
zu verschenken|0|-                     Free, was $20|0|-                   free of charge|0|-
5,000.00 (incl. tax)|5000.00|-         148.50 Inc GST|148.50|-             €6.56 + VAT|6.56|EUR
$20 free shipping|20|USD               $20 shipping included|20|USD        $20 + $5 shipping|20|USD
2,50 € zzgl. 0,25 € Pfand|2.50|EUR     $19.99 (you save $5.00)|19.99|USD   Save 20%! $80|80|USD
Discount price: $20|20|USD             $12 (20% off)|12|USD                129,00 € (-15%)|129.00|EUR
3 Ausgaben für nur 14,85 EUR|14.85|EUR  3 for $10|10|USD                    12 Stk. à 5 €|5|EUR
Price in USD: about 12|12|USD          SKU 48213: £9.50|9.50|GBP           Model 2024, 12.50 £|12.50|GBP
Today I buy 3 coats with 300.000 VND|300000|VND                            2017-08-15: 40 €|40|EUR
£30 call 555-123-4567|30|GBP           1000 ANNUALLY|1000|-|year           SALE 5,00 € / Dutzend|5.00|EUR|dozen
$1.99/lb|1.99|USD|lb                   £2.50 per kg|2.50|GBP|kg            $5 each|5|USD|each
$3.50/dozen|3.50|USD|dozen             a dozen for $5|5|USD|dozen          $426.20/EA|426.20|USD|each
$2.30 per 100g|2.30|USD|100 g          € 4,50 / 500 ml|4.50|EUR|500 ml     1 kg = 12,50 €|12.50|EUR|kg
Price per kg £2.50|2.50|GBP|kg         5€ das Stück|5|EUR|each             599,00 EUR pro Kilogramm|599.00|EUR|kg
¥1,200/個|1200|JPY|each                120 грн/кг|120|UAH|kg               500 руб/шт|500|RUB|each
£1,200 pcm|1200|GBP|month              Price: $15.95/mo|15.95|USD|month    $3.459/gal|3.459|USD|gal
12.00 p/kg|12.00|-|kg                  12,50 € l'unité|12.50|EUR|each        $12.500 c/u|12500|USD|each
minus 5 €|-5|EUR                       iPhone 13 500€|500|EUR                iPhone 13 - 500 €|500|EUR
Nike Air Max 90 - 60 EUR|60|EUR        Bosch GSR 18V-55 120 €|120|EUR        PS5 400 €|400|EUR
Rs5 000|5000|INR                       1,299 ש"ח|1299|ILS                    ₺1.299,90|1299.90|TRY
10 Stück für 5 €|5|EUR                 €12 pro 100 Stück|12|EUR|100          25 thousand rupees|25000|INR
1 crore 20 lakh|12000000|-             Rs 2 lakh 50 thousand|250000|INR      $3.99 lb|3.99|USD|lb
$5 per 6-pack|5|USD|6 pack             tax free £100|100|GBP
£10/m²|10|GBP|m2                       ₹50 per dozen|50|INR|dozen          $25 an hour|25|USD|hour
""".strip()

NO_PRICE = (
    *("", "   ", "abc", "N/A", "call for price", "Call 555-123-4567", "tel 555-1234", "+1 (800) 555-1234", "iPhone 13"),
    *(
        "20% off",
        "save $20",
        "$20 off",
        "up to 50% off",
        "FREE shipping",
        "+$5.99 shipping",
        "Shipping: $5",
        "sugar free",
    ),
    *("Free Shipping on Orders $49+.", "free delivery on orders over £25", "Buy 2 get 1", "Buy 2 get 1 free", "256GB"),
    *(
        "15.08.2017",
        "2024-05-01",
        "July, 2004",
        "12:30",
        "25-09",
        "16.00 ft",
        "5 kg",
        "SKU: 12345",
        "MX924 IX",
        "12,5O",
    ),
    *(
        "5 / 5 stars",
        "10 x 20 cm",
        "$",
        "EUR",
        "No longer available",
        "2 x 1.5 L",
        "1.2.3.4",
        "deposit $50",
        "#4711",
        "PS5 400",
    ),
    *("★ 4.5", "24/7", "No. 5", "100% cotton", "3D printer", "v2.0", "10 items", "spend $50 get $10 off", "€€", "-- €"),
)

DOUBTFUL = {
    "from $349": ("349", "bound"),
    "2 pairs from $349": ("349", "bound"),
    "4 options from $439.34": ("439.34", "bound"),
    "New (8) from $93.99": ("93.99", "bound"),
    "$12.99+": ("12.99", "bound"),
    "up to $20": ("20", "bound"),
    "₹1.2 Cr onwards": ("12000000", "bound"),
    "RRP £30": ("30", "former"),
    "was $30 now $20": ("20", "several"),
    "was $30 now 20": ("20", "several"),
    "£20 (was £30)": ("20", "several"),
    "MRP ₹999 Offer ₹799": ("799", "several"),
    "Buy Now - 2 Litre Was $120.00 Now $60.00": ("60", "several"),
    "$20 $30": ("20", "several"),
    "20 € 30 €": ("20", "several"),
    "AED 8000 (USD 2179)": ("8000", "several"),
    "50 - $2.00 100 - $2.75": ("2.00", "several"),
    "2,99 € (1 kg = 5,98 €)": ("2.99", "several"),
    "4,99 €/500 g (1 kg = 9,98 €)": ("4.99", "several"),
    "12x R$ 44,00 sem juros": ("44", "payments"),
    "500 kr": ("500", "several currencies"),
}

RANGES = {
    "$10 - $20": ("10", "20", "USD", None),
    "10–20 €": ("10", "20", "EUR", None),
    "US $10.00 to US $20.00": ("10", "20", "USD", None),
    "841,00 zł – 995,00 zł": ("841", "995", "PLN", None),
    "von 10 bis 20 €": ("10", "20", "EUR", None),
    "From 26 to 50 €": ("26", "50", "EUR", None),
    "between $10 and $20": ("10", "20", "USD", None),
    "R$ 10 a R$ 20": ("10", "20", "BRL", None),
    "$1.5-2M": ("1500000", "2000000", "USD", None),
    "₹5-6 lakh": ("500000", "600000", "INR", None),
    "Rs 5 lakh - 7 lakh": ("500000", "700000", "INR", None),
    "12-15 €/kg": ("12", "15", "EUR", "kg"),
    "$10 - $20 each": ("10", "20", "USD", "each"),
    "$20 - $10": ("10", "20", "USD", None),
    "Estimate Price: $45,000 - $70,000": ("45000", "70000", "USD", None),
    "von 10 - 20 €": ("10", "20", "EUR", None),
    "EUR 12,50 bis EUR 20,00": ("12.50", "20.00", "EUR", None),
    "5-10": ("5", "10", None, None),
}


def cases() -> list[tuple[str, str, str | None, str | None]]:
    told = []
    for line in ONE_PRICE.splitlines():
        for cell in filter(None, (part.strip() for part in line.split("  "))):
            text, amount, currency, *per = cell.split("|")
            told.append((text, amount, None if currency == "-" else currency, per[0] if per else None))
    return told


@pytest.mark.parametrize(("text", "amount", "currency", "per"), cases())
def test_one_price_is_found(text: str, amount: str, currency: str | None, per: str | None) -> None:
    read = find_price(text)
    assert read is not None
    assert (format(read.amount, "f"), read.currency, read.per, read.upper) == (amount, currency, per, None)


@pytest.mark.parametrize("text", NO_PRICE)
def test_a_text_without_a_price_has_none(text: str) -> None:
    assert find_price(text) is None


@pytest.mark.parametrize("text", DOUBTFUL)
def test_the_likeliest_of_a_doubtful_text_says_its_doubt(text: str) -> None:
    amount, doubt = DOUBTFUL[text]
    read = find_price(text)
    assert read is not None
    assert (read.amount, read.upper) == (Decimal(amount), None)
    assert doubt in read.why


@pytest.mark.parametrize("text", RANGES)
def test_a_range_has_both_its_ends(text: str) -> None:
    low, high, currency, per = RANGES[text]
    read = find_price(text)
    assert read is not None
    assert (read.amount, read.upper, read.currency, read.per) == (Decimal(low), Decimal(high), currency, per)
    assert "range" in read.why


@pytest.mark.parametrize(
    ("text", "hint", "amount", "currency"),
    [
        ("1.234", None, "1234", None),
        ("1.234", "EUR", "1234", "EUR"),
        ("1.234", "USD", "1.234", "USD"),
        ("1,234", "USD", "1234", "USD"),
        ("1.500", "KWD", "1.500", "KWD"),
        ("$5", "CAD", "5", "CAD"),
        ("$5", "EUR", "5", "USD"),
        ("€5", "CAD", "5", "EUR"),
        ("500 kr", "SEK", "500", "SEK"),
        ("Rs 500", "PKR", "500", "PKR"),
        ("690,00", "€", "690.00", "EUR"),
        ("39.95", "Price from £ 39.95", "39.95", "GBP"),
        ("17,95", "DKK/stk", "17.95", "DKK"),
        ("850", "MX924 IX", "850", None),
        ("28", "usd", "28", "USD"),
        ("99 ct", "EUR", "0.99", "EUR"),
        ("free", "USD", "0", "USD"),
    ],
)
def test_a_currency_hint_speaks_where_the_text_does_not(
    text: str, hint: str | None, amount: str, currency: str | None
) -> None:
    read = find_price(text, hint)
    assert read is not None
    assert (format(read.amount, "f"), read.currency) == (amount, currency)


@pytest.mark.parametrize(
    ("locale", "amount"),
    [("de_DE", "1234"), ("en-US", "1.234"), ("de-CH", "1.234"), ("fr", "1234"), ("pt_BR", "1234"), ("xx", "1234")],
)
def test_a_locale_says_what_an_only_mark_means(locale: str, amount: str) -> None:
    read = find_price("1.234", locale_hint=locale)
    assert read is not None
    assert read.amount == Decimal(amount)
    assert find_price("1.234", "EUR", ".", "de_DE").amount == Decimal("1.234")  # type: ignore[union-attr]


AMOUNTS = st.integers(1, 99_999_999_999).map(lambda cents: Decimal(cents) / 100)
MONEY = st.sampled_from(
    [
        *(("${}", "USD"), ("€{}", "EUR"), ("{} €", "EUR"), ("£{}", "GBP"), ("CHF {}", "CHF"), ("₹ {}", "INR")),
        *(("{} zł", "PLN"), ("R$ {}", "BRL"), ("C ${}", "CAD"), ("{} USD", "USD"), ("EUR {}", "EUR"), ("{} ₽", "RUB")),
        *(("Price: ${}", "USD"), ("{} Kč", "CZK"), ("now {} EUR", "EUR"), ("3 pieces for £{}", "GBP"), ("{}", None)),
    ]
)
HINTS = st.sampled_from(["USD", "EUR", "GBP", "INR", "KWD", "€", "de_DE", "zł", "nonsense", ""])
LOCALES = st.sampled_from(["de_DE", "en_US", "fr", "hi_IN", "de_CH", "", None])


def grouped(amount: Decimal, group: str, mark: str) -> str:
    whole, _, cents = f"{amount:,.2f}".partition(".")
    return f"{whole.replace(',', group)}{mark}{cents}"


STYLES = st.sampled_from([(",", "."), (".", ","), ("'", "."), ("’", "."), ("\u202f", ","), ("\u00a0", ","), ("", ".")])


@given(AMOUNTS, STYLES, MONEY)
def test_an_amount_in_any_locale_reads_back_with_its_currency(
    amount: Decimal, style: tuple[str, str], money: tuple[str, str | None]
) -> None:
    text = money[0].format(grouped(amount, *style))
    read = find_price(text)
    assert read is not None, text
    assert (read.amount, read.currency, read.upper, read.per) == (amount, money[1], None, None)


@given(AMOUNTS, STYLES, MONEY, HINTS, LOCALES)
def test_no_hint_changes_a_number_that_says_what_it_is(
    amount: Decimal, style: tuple[str, str], money: tuple[str, str | None], hint: str, locale: str | None
) -> None:
    text = money[0].format(grouped(amount, *style))
    read = find_price(text, hint, None, locale)
    assert read is not None
    assert read.amount == amount
    assert money[1] in (None, "USD", read.currency)


@given(AMOUNTS, AMOUNTS, STYLES)
def test_the_upper_end_is_the_higher_one(one: Decimal, other: Decimal, style: tuple[str, str]) -> None:
    read = find_price(f"${grouped(one, *style)} - ${grouped(other, *style)}")
    assert read is not None
    assert (read.amount, read.upper or read.amount) == (min(one, other), max(one, other))


PIECES = st.lists(
    st.one_of(
        st.sampled_from("$ € £ ₹ kr USD per kg each from to was now free % - – , . / ( ) k lakh ¢ x + § call".split()),
        st.decimals(0, 10**6, places=2).map(str),
        st.text(max_size=3),
    ),
    max_size=12,
)


@given(PIECES, st.sampled_from(["", " "]), st.one_of(st.none(), st.text(max_size=5), HINTS))
def test_no_text_breaks_the_search(pieces: list[str], joint: str, hint: str | None) -> None:
    text = joint.join(pieces)
    read, steps = explain_price(text, hint)
    assert all(isinstance(step, str) for step in steps)
    assert read is None or read.amount.is_finite()
    assert read is None or read.upper is None or read.upper > read.amount
    strict = read_price(text)
    assert strict is None or strict.upper is None or strict.upper > strict.amount


@given(AMOUNTS, STYLES, MONEY, st.sampled_from([None, "EUR", "CAD", "$", "kr"]))
def test_the_short_way_comes_to_what_the_long_way_does(
    amount: Decimal, style: tuple[str, str], money: tuple[str, str | None], hint: str | None
) -> None:
    text = money[0].format(grouped(amount, *style))
    assert find_price(text, hint) == _Finder(text, hint, None, None).found()


@pytest.mark.parametrize("text", ["1" * LONGEST, "1," * 400, "$" * LONGEST, "1 - " * 250, "(" * 500, " 1" * 500])
def test_a_long_text_is_answered_at_once(text: str) -> None:
    read = find_price(text[:LONGEST])
    assert read is None or abs(read.amount) < Decimal("1e24")
    assert find_price(text + "1" * LONGEST) is None


def test_what_was_left_out_is_explained() -> None:
    _, steps = explain_price("2 pairs, save $20: $1.234")
    assert '"2" is no amount' in steps
    assert '"20" is what is saved' in steps
    assert any("three digits" in step for step in steps)
