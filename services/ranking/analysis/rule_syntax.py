"""Parse rules as people type them on a command line: a conversion, weights, or a method.

`rank_step(100,0.5,0)`, `rank_step:start=100,step=0.5,floor=0`, `bands(0.1:100,0.3:80,1:60)`, `prop_max_capped(95)`,
`rank_percentile(population=all)`; `0.3/0.7`, `30/70`, `0.3,0.7`.
Promises: every spelling of a rule gives the same value, which is the value that a campaign file gives; text that cannot
be read raises ValueError with a message, in Chinese and English, about what was expected.
Does not promise that the rule makes sense beyond its ranges: the check of a campaign file warns about more.
"""

import re
from decimal import Decimal

from services.moderation.campaign import (
    CONVERSIONS,
    METHODS,
    POPULATIONS,
    WHOLE_BP,
    Band,
    Conversion,
    Weights,
)

# Parameters in the order in which they are written if their names are left out.
_PARAMS = {"rank_step": ("start", "step", "floor"), "prop_max_capped": ("percentile",)}
_CALL = re.compile(r"\s*([a-z_]+)\s*(?:[(（](.*)[)）]|[:：](.*))?\s*\Z", re.DOTALL)
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?\Z")
_FULL = 100


def parse_conversion(text: str) -> Conversion:
    """Parse a conversion from likes to points, such as `rank_step(100,0.5,0)`. Raises ValueError with a message."""
    found = _CALL.match(text)
    if found is None:
        raise _not_read(text, "换算方法，如 rank_step(100,0.5,0)", "a conversion such as rank_step(100,0.5,0)")
    name, inside = found[1], (found[2] or found[3] or "").strip()
    if name not in CONVERSIONS:
        raise _not_read(name, f"以下换算之一：{'、'.join(CONVERSIONS)}", f"one of {', '.join(CONVERSIONS)}")
    words, population = _without_population(_words(inside))
    if name == "bands":
        return Conversion(name, bands=_bands(words), population=population)
    return Conversion(name, _params(name, words), population=population)


def parse_weights(text: str) -> Weights:
    """Parse the weights of likes and experts, such as `0.3/0.7` or `30/70`: they must sum to 1 or to 100.

    Raises ValueError with a message.
    """
    words = [each.strip() for each in re.split(r"[/,，]", text)]
    if len(words) != 2:
        raise _not_read(text, "两个权重，如 0.3/0.7", "two weights such as 0.3/0.7")
    like, expert = (_decimal(each, most=_FULL) for each in words)
    whole = 1 if like + expert == 1 else _FULL
    if like + expert != whole:
        raise _not_read(text, "和为 1（或 100）的两个权重", "two weights that sum to 1 (or to 100)")
    like_bp = like * WHOLE_BP / whole
    if like_bp != int(like_bp):
        raise _not_read(text, "最多到万分之一的权重", "weights of whole ten-thousandths")
    return Weights(int(like_bp), WHOLE_BP - int(like_bp))


def parse_method(text: str) -> str:
    """Parse the name of a score method, one of METHODS. Raises ValueError with a message."""
    if text.strip() not in METHODS:
        raise _not_read(text, f"以下评分方法之一：{'、'.join(METHODS)}", f"one of {', '.join(METHODS)}")
    return text.strip()


def format_conversion(conversion: Conversion) -> str:
    """Return a conversion as text that `parse_conversion` reads back to an equal conversion."""
    if conversion.name == "bands":
        words = [f"{each.share}:{each.points}" for each in conversion.bands]
    else:
        words = [conversion.param(each) for each in _PARAMS.get(conversion.name, ())]
    if conversion.population != "type":
        words.append(f"population={conversion.population}")
    return f"{conversion.name}({','.join(words)})" if words else conversion.name


def _words(inside: str) -> list[str]:
    return [each.strip() for each in re.split(r"[,，]", inside)] if inside else []


def _without_population(words: list[str]) -> tuple[list[str], str]:
    named = [each for each in words if re.match(r"population\s*=", each)]
    if not named:
        return words, "type"
    population = named[-1].partition("=")[2].strip()
    if population not in POPULATIONS:
        raise _not_read(population, f"以下范围之一：{'、'.join(POPULATIONS)}", f"one of {', '.join(POPULATIONS)}")
    return [each for each in words if each not in named], population


def _params(name: str, words: list[str]) -> tuple[tuple[str, str], ...]:
    """Parse parameters by name or by position, not both; they are sorted by name, as in a campaign file."""
    wanted = _PARAMS.get(name, ())
    named = dict(each.replace(" ", "").split("=", 1) for each in words if "=" in each)
    given = named if named else dict(zip(wanted, words, strict=False))
    if len(words) != len(wanted) or set(given) != set(wanted):
        zh = f"{name} 的参数（{'，'.join(wanted) or '没有参数'}）"
        raise _not_read(",".join(words), zh, f"the parameters of {name} ({', '.join(wanted) or 'none'})")
    read = tuple((each, _written(_decimal(given[each], most=_FULL))) for each in sorted(wanted))
    if ("percentile", "0") in read:
        raise _not_read(",".join(words), "大于 0 的 percentile", "a percentile above 0")
    if name == "rank_step" and _decimal(given["floor"], most=_FULL) > _decimal(given["start"], most=_FULL):
        raise _not_read(",".join(words), "不高于 start 的 floor", "a floor that is not above start")
    return read


def _bands(words: list[str]) -> tuple[Band, ...]:
    pairs = [re.split(r"[:：]", each) for each in words]
    if not pairs or any(len(each) != 2 for each in pairs):
        raise _not_read(",".join(words), "档次，如 0.1:100,0.3:80,1:60", "bands such as 0.1:100,0.3:80,1:60")
    read = [(_decimal(share, most=1), _decimal(points, most=_FULL)) for share, points in pairs]
    shares, points = [each for each, _ in read], [each for _, each in read]
    if shares != sorted(set(shares)) or shares[0] == 0 or shares[-1] != 1:
        raise _not_read(",".join(words), "比例逐档递增、末档为 1", "shares that ascend and end in 1")
    if points != sorted(points, reverse=True):
        raise _not_read(",".join(words), "积分不逐档增加", "points that do not rise from band to band")
    return tuple(Band(_written(share), _written(each)) for share, each in read)


def _decimal(written: str, *, most: int) -> Decimal:
    written = written.strip()
    if not _NUMBER.match(written) or Decimal(written) > most:
        raise _not_read(written, f"0 到 {most} 之间的数", f"a number between 0 and {most}")
    return Decimal(written)


def _written(value: Decimal) -> str:
    """Return the one way to write a value, the one of campaign files: the rule hash depends on it."""
    return format(value.normalize(), "f") if value else "0"


def _not_read(text: str, zh: str, en: str) -> ValueError:
    return ValueError(f"读不懂 {text.strip()!r}，应为{zh} / cannot read {text.strip()!r} as {en}")
