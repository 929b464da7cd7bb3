"""Decimal text to exact numbers and back; binary floating point never takes part."""

from fractions import Fraction

_MOST_DIGITS = 40
_LARGEST_EXPONENT = 30
_SIGNIFICANT = 6


class NotANumber(ValueError):
    """Text that is no acceptable number; the message says why, without the text itself."""


def exact_number(text: str) -> Fraction:
    """The exact value of `-12.5`, `1e3` or `0.001`: ASCII digits and a decimal point.

    Raises NotANumber for anything else, for more than 40 characters and for exponents
    beyond 30, which no measurement has.
    """
    if text.isdecimal() and text.isascii() and len(text) <= _MOST_DIGITS:
        return Fraction(int(text))
    if len(text) > _MOST_DIGITS:
        raise NotANumber(f"a number has at most {_MOST_DIGITS} characters")
    mantissa, exponent = _split_exponent(text)
    negative = mantissa.startswith("-")
    whole, point, places = mantissa.removeprefix("-").partition(".")
    if not _is_digits(whole) or (point and not _is_digits(places)):
        raise NotANumber("write digits with a decimal point, such as 0.5 or 1250")
    power = exponent - len(places)
    number = int(whole + places)
    if negative:
        number = -number
    return Fraction(number * 10**power) if power >= 0 else Fraction(number, 10**-power)


def exact_fraction(text: str) -> Fraction:
    """As `exact_number`, and also `5/9`."""
    above, slash, below = text.partition("/")
    if not slash:
        return exact_number(text)
    divisor = exact_number(below.strip())
    if divisor == 0:
        raise NotANumber("it divides by zero")
    return exact_number(above.strip()) / divisor


def decimal_text(number: Fraction) -> str:
    """Exact decimal text where the number has one, else six significant digits after `~`.

    `1/8` is `0.125`, `1/3` is `~0.333333`. No exponents, no trailing zeros.
    """
    places = _decimal_places(number.denominator)
    if places is not None:
        return _fixed(number.numerator * 10**places // number.denominator, places)
    magnitude = len(str(abs(number.numerator) // number.denominator))
    if abs(number) >= 1:
        places = max(_SIGNIFICANT - magnitude, 0)
    else:
        leading = 0
        while abs(number) * 10 ** (leading + 1) < 1:
            leading += 1
        places = leading + _SIGNIFICANT
    return "~" + _fixed(round(number * 10**places), places)


def _split_exponent(text: str) -> tuple[str, int]:
    mantissa, mark, exponent = text.replace("E", "e").partition("e")
    if not mark:
        return text, 0
    digits = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    if not _is_digits(digits) or int(digits) > _LARGEST_EXPONENT:
        raise NotANumber(f"an exponent is a whole number up to {_LARGEST_EXPONENT}")
    return mantissa, -int(digits) if exponent.startswith("-") else int(digits)


def _is_digits(text: str) -> bool:
    return text.isdecimal() and text.isascii()


def _decimal_places(denominator: int) -> int | None:
    """How many decimals a fraction with this (reduced) denominator has; None if endless."""
    twos = fives = 0
    while denominator % 2 == 0:
        denominator //= 2
        twos += 1
    while denominator % 5 == 0:
        denominator //= 5
        fives += 1
    return max(twos, fives) if denominator == 1 else None


def _fixed(scaled: int, places: int) -> str:
    digits = str(abs(scaled)).rjust(places + 1, "0")
    sign = "-" if scaled < 0 else ""
    if places == 0:
        return sign + digits
    fraction = digits[-places:].rstrip("0")
    return sign + digits[:-places] + ("." + fraction if fraction else "")
