"""Reference implementation of the rules, simple and slow, which tests compare with the product.

It counts instead of sorting, and handles one entry and one seat at a time. Roots and logarithms have sixty digits, and
the least squares are solved in fractions. It imports none of the product's formulas.
"""

import hashlib
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction
from statistics import mean, median

PRECISE = 60  # digits of the roots and logarithms, which are then rounded to twelve


def result(candidates, campaign, draw):
    """Return the rows (type, place, entry, points, expert, final, seat) and the seats (seat, to, entry)."""
    scored = scores(candidates, campaign, draw)
    order = []
    rest = list(candidates)
    while rest:
        best = rest[0]
        for each in rest:
            if beats(scored[each.entry], scored[best.entry]):
                best = each
        order.append(best)
        rest.remove(best)
    seats = seating(order, scored, campaign)
    taken = {entry: seat for seat, _, entry in seats if entry}
    rows = []
    for each in order:
        place = 1 + sum(one.type == each.type for one in order[: order.index(each)])
        points, expert, final = scored[each.entry][0]
        rows.append((each.type, place, each.entry, points, expert, final, taken.get(each.entry)))
    return sorted(rows), seats


def scores(candidates, campaign, draw):
    rubric = {each.code: Fraction(each.weight, 100) for each in campaign.judging.criteria}
    whole = experts(candidates, campaign.judging.method, rubric)
    contents = experts(candidates, campaign.judging.method, {"content": Fraction(1)})
    like, expert = (Fraction(each, 10_000) for each in (campaign.weights.like_bp, campaign.weights.expert_bp))
    found = {}
    for each in candidates:
        alone = campaign.conversion.population == "type"
        field = [one.likes for one in candidates if one.type == each.type or not alone]
        points = like_points(each.likes, field, campaign.conversion)
        final = like * points + expert * whole[each.entry]
        by_rule = {
            "expert_score": whole[each.entry],
            "content_mark": contents[each.entry],
            "valid_likes": each.likes,
            "earlier_hand_in": -each.handed_in,
        }
        merits = (final, *(by_rule[rule] for rule in campaign.tie_order if rule != "lot"))
        lot = hashlib.sha256(draw + each.entry.encode()).digest()
        found[each.entry] = (points, whole[each.entry], final), merits, lot
    return found


def beats(one, other):
    (_, merits, lot), (_, others, other_lot) = one, other
    for mine, theirs in zip(merits, others, strict=True):
        if mine != theirs:
            return mine > theirs
    return lot < other_lot


def like_points(likes, field, conversion):
    ahead = sum(each > likes for each in field)
    beside = sum(each == likes for each in field)
    rank = Fraction(sum(range(ahead + 1, ahead + beside + 1)), beside)
    params = {name: Fraction(value) for name, value in conversion.params}
    if conversion.name == "rank_percentile":
        return Fraction(100) if len(field) == 1 else 100 * (len(field) - rank) / (len(field) - 1)
    if conversion.name == "rank_step":
        points = params["start"] - params["step"] * (rank - 1)
        return points if points > params["floor"] else params["floor"]
    if conversion.name == "prop_max":
        return Fraction(100 * likes, max(field)) if any(field) else Fraction(0)
    if conversion.name == "prop_max_capped":
        cap = percentile(field, params["percentile"])
        return 100 * min(Fraction(likes, cap), Fraction(1)) if cap else Fraction(0)
    if conversion.name == "log_prop":
        if not any(field):
            return Fraction(0)
        with localcontext(prec=PRECISE):
            return twelve(100 * Decimal(1 + likes).ln() / Decimal(1 + max(field)).ln())
    if conversion.name == "bands":
        for band in reversed(conversion.bands):
            if rank <= Fraction(band.share) * len(field):
                points = Fraction(band.points)
        return points
    assert conversion.name == "none"
    return Fraction(0)


def percentile(field, p):
    """Return the percentile by nearest rank: the least value that p per cent of the values do not exceed."""
    for value in sorted(set(field)):
        if 100 * sum(each <= value for each in field) >= p * len(field):
            return value
    raise AssertionError(p)


def twelve(value):
    """Round to twelve significant digits, after removing arithmetic noise that might decide a half."""
    quiet = Context(prec=PRECISE - 15).create_decimal(value)
    return Fraction(Context(prec=12, rounding=ROUND_HALF_EVEN).create_decimal(quiet))


def decimal(value):
    return Decimal(value.numerator) / value.denominator


def experts(candidates, method, weights):
    """Return the expert score of each entry from marks with these weights."""
    marks = {
        each.entry: {
            mark.judge: sum(weights.get(code, 0) * points for code, points in mark.scores) for mark in each.marks
        }
        for each in candidates
    }
    if method == "zscore":
        return standardised(marks)
    if method == "judge_effect":
        return adjusted(marks)
    return {entry: together(list(given.values()), method) for entry, given in marks.items()}


def together(values, method):
    if method == "median":
        return Fraction(median(values))
    if method == "trimmed" and len(values) >= 5:
        values.remove(max(values))
        values.remove(min(values))
    else:
        assert method in ("mean", "trimmed")
    return Fraction(mean(values))


def by_judge(marks):
    judges = sorted({judge for given in marks.values() for judge in given})
    return {judge: [given[judge] for given in marks.values() if judge in given] for judge in judges}


def standardised(marks):
    """Return each entry's mean z, mapped by the straight line that brings the ends onto those of the raw means."""
    raw = {entry: Fraction(mean(given.values())) for entry, given in marks.items()}
    if not raw:
        return {}
    pool = [value for given in marks.values() for value in given.values()]
    yardsticks = {}
    for judge, values in by_judge(marks).items():
        own = values if len(values) >= 10 and len(set(values)) > 1 else pool
        middle = Fraction(mean(own))
        yardsticks[judge] = middle, Fraction(mean([(value - middle) ** 2 for value in own]))
    with localcontext(prec=PRECISE):
        z = {
            entry: sum(distance(given[judge], *yardsticks[judge]) for judge in given) / len(given)
            for entry, given in marks.items()
        }
        least, most = min(z.values()), max(z.values())
        if most - least < Decimal(10) ** (15 - PRECISE):
            return {entry: twelve(decimal(value)) for entry, value in raw.items()}
        low, high = decimal(min(raw.values())), decimal(max(raw.values()))
        return {entry: twelve(low + (value - least) * (high - low) / (most - least)) for entry, value in z.items()}


def distance(value, middle, variance):
    return decimal(value - middle) / decimal(variance).sqrt() if variance else Decimal(0)


def adjusted(marks):
    """Return each entry's mean mark less the judges' effects by least squares, shrunk by n / (n + 5)."""
    effects = {}
    for circle in circles(marks):
        effects |= least_squares(circle, {entry: given for entry, given in marks.items() if set(given) <= circle})
    counts = {judge: len(values) for judge, values in by_judge(marks).items()}
    shrunk = {judge: effect * Fraction(counts[judge], counts[judge] + 5) for judge, effect in effects.items()}
    with localcontext(prec=PRECISE):
        return {
            entry: twelve(decimal(Fraction(mean([value - shrunk[judge] for judge, value in given.items()]))))
            for entry, given in marks.items()
        }


def circles(marks):
    """Return the sets of judges who are connected by a chain of shared entries."""
    apart = [set(given) for given in marks.values()]
    while True:
        for one in apart:
            for other in apart:
                if one is not other and one & other:
                    break
            else:
                continue
            break
        else:
            return apart
        apart = [each for each in apart if each is not one and each is not other] + [one | other]


def least_squares(circle, marks):
    """Return the effect of each judge of a circle; they sum to 0. Solves the normal equations with the entries
    eliminated.
    """
    judges = sorted(circle)
    rows = []
    for judge in judges[1:]:
        row = dict.fromkeys(judges, Fraction(0))
        right = Fraction(0)
        for given in marks.values():
            if judge in given:
                row[judge] += 1
                right += given[judge] - Fraction(mean(given.values()))
                for other in given:
                    row[other] -= Fraction(1, len(given))
        rows.append([row[each] for each in judges] + [right])
    rows.append([Fraction(1)] * len(judges) + [Fraction(0)])
    return dict(zip(judges, solved(rows), strict=True))


def solved(rows):
    """Solve by Gauss-Jordan elimination; each row is a list of coefficients and the right side."""
    for column in range(len(rows)):
        pivot = next(row for row in rows[column:] if row[column])
        rows.remove(pivot)
        rows.insert(column, [value / pivot[column] for value in pivot])
        for number, row in enumerate(rows):
            if number != column and row[column]:
                factor = row[column]
                rows[number] = [value - factor * one for value, one in zip(row, rows[column], strict=True)]
    return [row[-1] for row in rows]


def seating(order, scored, campaign):
    least = campaign.quota.min_score
    waiting = [each for each in order if least is None or scored[each.entry][0][2] >= Fraction(least)]
    seats = [[f"{t.code}-{n + 1:02}", None, None] for t in campaign.unit_types for n in range(t.quota)]
    for seat in seats:
        take(seat, [each for each in waiting if each.type == seat[0].split("-")[0]], waiting)
    empty = [seat for seat in seats if seat[2] is None]
    if campaign.quota.refill == "next_best_overall":
        for seat in empty:
            take(seat, waiting, waiting)
    if campaign.quota.refill == "proportional":
        for seat, code in zip(empty, proportional(len(empty), order, waiting, campaign), strict=False):
            take(seat, [each for each in waiting if each.type == code], waiting)
    return [tuple(seat) for seat in seats]


def take(seat, fitting, waiting):
    if fitting:
        seat[1:] = [fitting[0].type, fitting[0].entry]
        waiting.remove(fitting[0])


def proportional(seats, order, waiting, campaign):
    """Return the types that get the empty seats, in the campaign's order."""
    codes = [each.code for each in campaign.unit_types]
    judged = {code: sum(each.type == code for each in order) for code in codes}
    left = {code: sum(each.type == code for each in waiting) for code in codes}
    given = dict.fromkeys(codes, 0)
    while seats and any(left.values()):
        sharing = [code for code in codes if left[code]]
        whole = sum(judged[code] for code in sharing)
        offer = {code: seats * judged[code] // whole for code in sharing}
        remainder = {code: seats * judged[code] % whole for code in sharing}
        for _ in range(seats - sum(offer.values())):
            lucky = max(sharing, key=lambda code: (remainder[code], judged[code], -codes.index(code)))
            offer[lucky] += 1
            remainder[lucky] = -1
        for code in sharing:
            accepted = min(offer[code], left[code])
            given[code] += accepted
            left[code] -= accepted
            seats -= accepted
    return [code for code in codes for _ in range(given[code])]
