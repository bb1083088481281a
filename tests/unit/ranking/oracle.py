"""The rules once more, written slowly and apart from the product, for tests to compare with.

It counts instead of sorting, and takes one entry and one seat at a time. It imports nothing of the product's formulas.
"""

import hashlib
from fractions import Fraction
from statistics import mean, median


def result(candidates, campaign, draw):
    """(rows of (type, place, entry, points, expert, final, seat), seats of (seat, to, entry))."""
    scored = {each.entry: score(each, candidates, campaign, draw) for each in candidates}
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


def score(candidate, candidates, campaign, draw):
    field = [each.likes for each in candidates if each.type == candidate.type]
    points = like_points(candidate.likes, field, campaign.conversion)
    rubric = {each.code: Fraction(each.weight, 100) for each in campaign.judging.criteria}
    totals = [sum(rubric[code] * points for code, points in mark.scores) for mark in candidate.marks]
    contents = [Fraction(dict(mark.scores)["content"]) for mark in candidate.marks]
    expert, content = (together(values, campaign.judging.method) for values in (totals, contents))
    final = Fraction(campaign.weights.like_bp, 10_000) * points + Fraction(campaign.weights.expert_bp, 10_000) * expert
    lot = hashlib.sha256(draw + candidate.entry.encode()).digest()
    return (points, expert, final), (final, expert, content, candidate.likes, -candidate.handed_in), lot


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
    return Fraction(0)


def together(values, method):
    if method == "median":
        return Fraction(median(values))
    if method == "trimmed" and len(values) >= 5:
        values = list(values)
        values.remove(max(values))
        values.remove(min(values))
    return Fraction(mean(values))


def seating(order, scored, campaign):
    least = Fraction(campaign.quota.min_score or "0")
    waiting = [each for each in order if scored[each.entry][0][2] >= least]
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
    """The types that get the empty seats, in the campaign's order."""
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
