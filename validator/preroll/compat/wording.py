"""
Wording: an edit as one sentence, in the words of `check`.
"""

from __future__ import annotations

from typing import Any

from preroll import phrases
from preroll.compat.change import NARROWED
from preroll.compat.edits import Edit
from preroll.explanation import combination
from preroll.formula import TRUE, At, Either, Every, Formula, In, Items, Literal, Members, Single, negation
from preroll.phrases import listed, value
from preroll.pointer import Path

FEW = 6
"""Of longer lists only so many are told."""

LONG = 240


def place(path: Path) -> str:
    """A place as people write it: `parts[].name`, `pair[0]`."""

    def step(key: str | int) -> str:
        if isinstance(key, int):
            return f"[{key}]"
        return "[]" if key == "*" else f".{key}"

    return "".join(map(step, path)).removeprefix(".")


def subject_of(path: Path, whole: str) -> str:
    """A place as the subject of a sentence."""
    if path and path[-1] == "(name)":
        return f"a name in {place(path[:-1]) or whole}"
    return place(path) or whole


def sentence(edit: Edit, action: str, side: str, whole: str) -> str:
    """
    What one direction of an edit means, without a full stop.

    Args:
        edit: the difference.
        action: `narrowed` or `widened`.
        side: `request`, `response` or `parameter`.
        whole: how the whole value is called: "the request".
    """
    subject = subject_of(edit.path, whole)
    text = _fact(edit, subject, less=action == NARROWED, answer=side == "response")
    # Names from an untrusted document may be long.
    return shortened(f"{_context(edit)}{text}")


def shortened(text: str) -> str:
    """A sentence, cut where it is longer than people read."""
    return text if len(text) <= LONG else text[: LONG - 4].rstrip() + " ..."


def _context(edit: Edit) -> str:
    told = []
    if edit.branch:
        told.append(f"for {listed(dict.fromkeys(edit.branch))}")
    guards = [phrases.clause(each, place(edit.base) or "it") for each in edit.guards]
    guards = [each for each in said(guards) if len(each) <= LONG // 2]
    if guards:
        told.append(f"when {listed(guards)}")
    return ", ".join(told) + ", " if told else ""


def said(clauses: list[str]) -> list[str]:
    """Clauses without repetition: what has a value is given."""
    kept = []
    for each in dict.fromkeys(clauses):
        subject = each.removesuffix(" is given")
        if each.endswith(" is an object") and any(
            other.startswith(f"{each.removesuffix(' is an object')}.") for other in clauses
        ):
            continue  # what has a member is an object
        valued = (other for other in clauses if other != each and other.startswith(f"{subject} is "))
        if subject == each or all(other.startswith(f"{subject} is not ") for other in valued):
            kept.append(each)
    return kept


def _fact(edit: Edit, subject: str, *, less: bool, answer: bool) -> str:
    match edit.kind:
        case "type":
            return _types(edit, subject, less=less, answer=answer)
        case "enum":
            return _values(edit, subject, less=less, answer=answer)
        case "required":
            name = f"{place(edit.path)}.{edit.name}".removeprefix(".")
            if answer:
                return f"{name} is now always given" if less else f"{name} may now be missing"
            return f"{name} must now be given" if less else f"{name} need no longer be given"
        case "property":
            return _property(edit, less=less)
        case "closed":
            known = _literal(edit.new if less else edit.old)
            names = [str(each) for each in known.argument[0]] if known is not None else []
            names += [f"those that match {each}" for each in known.argument[1]] if known is not None else []
            if less:
                return f"{subject} takes no other properties now" + (f" than {_some(names)}" if names else "")
            return f"{subject} takes further properties now"
        case "alternative":
            return _alternatives(edit, subject, less=less)
        case "condition":
            return _condition(edit, less=less)
        case "names":
            return f"properties of {subject} without a name of their own must satisfy {'more' if less else 'less'} now"
        case "uniqueItems":
            return f"the items of {subject} {'must now all differ' if less else 'may now repeat'}"
        case "false":
            return f"{subject} is {'not allowed any more' if less else 'allowed now'}"
    return _limit(edit, subject, less=less, answer=answer)


def _literal(formula: Formula | None) -> Literal | None:
    if isinstance(formula, Literal):
        return formula
    if isinstance(formula, Every):
        return next((part for part in formula.parts if isinstance(part, Literal)), None)
    return None


def _types(edit: Edit, subject: str, *, less: bool, answer: bool) -> str:
    old, new = _literal(edit.old), _literal(edit.new)
    before = list(old.argument) if old is not None else []
    after = list(new.argument) if new is not None else []
    must = "is now always" if answer else "must now be"
    if old is None:
        return f"{subject} {must} {phrases.types(after)}"
    if new is None:
        return f"{subject} may now be of any type, and was {phrases.types(before)}"
    gone = [each for each in before if each not in after and not (each == "integer" and "number" in after)]
    come = [each for each in after if each not in before and not (each == "integer" and "number" in before)]
    if less and gone and come:
        return f"{subject} {must} {phrases.types(after)}, not {phrases.types(before)}"
    if less:
        words = phrases.types(gone) if gone else "a number that is not whole"
        never = "is no longer" if answer else "may no longer be"
        return f"{subject} {never} {'a number that is not whole' if gone == ['number'] else words}"
    return f"{subject} may now be {'any number' if come == ['number'] and 'integer' in before else phrases.types(come)}"


def _values(edit: Edit, subject: str, *, less: bool, answer: bool) -> str:
    from preroll.compat.canon import value_key

    old, new = _literal(edit.old), _literal(edit.new)
    before = list(old.argument) if old is not None else []
    after = list(new.argument) if new is not None else []
    keys_before, keys_after = set(map(value_key, before)), set(map(value_key, after))
    if old is None:
        return f"{subject} {'is now' if answer else 'must now be'} {_some(list(map(value, after)), 'or')}"
    if new is None:
        return f"{subject} may now be something else than {_some(list(map(value, before)), 'or')}"
    chosen = [each for each in before if value_key(each) not in keys_after]
    told = "is no longer accepted" if not answer else "no longer occurs"
    if not less:
        chosen = [each for each in after if value_key(each) not in keys_before]
        told = "is newly accepted" if not answer else "may newly occur"
    if len(chosen) > 1:
        told = told.replace("is ", "are ", 1).replace("occurs", "occur")
    preposition = "as" if answer else "for"
    return f"{_some(list(map(value, chosen)))} {told} {preposition} {subject}"


def _property(edit: Edit, *, less: bool) -> str:
    name = place(edit.path)
    if edit.old is None and edit.new is not None:
        form = _form(edit.new)
        if less and edit.old_root is None and not edit.needed:
            return f"{name} is now described{f': {form}' if form else ''}"
        return f"{name} is new{' and required' if edit.needed else ''}{f': {form}' if form else ''}"
    return f"{name} is no longer described{', and was required' if edit.needed else ''}"


def _form(formula: Formula) -> str:
    """What a new property takes, in a few words."""
    body = formula.body if isinstance(formula, At) else formula
    parts = body.parts if isinstance(body, Every) else (body,)
    told = []
    for part in parts:
        if isinstance(part, Literal) and part.holds:
            if part.test == "type":
                told.append(phrases.types(part.argument))
            elif part.test == "enum":
                told.append(_some(list(map(value, part.argument)), "or"))
            elif part.test in ("minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "format"):
                told.append(_short(part))
    return ", ".join(told)


def _short(literal: Literal) -> str:
    said = phrases.assertion(literal, "x").removeprefix("x ")
    for verb in ("is not ", "is ", "has "):
        if said.startswith(verb):
            return ("not " if verb == "is not " else "") + said.removeprefix(verb)
    return said


def _limit(edit: Edit, subject: str, *, less: bool, answer: bool) -> str:
    def told(formula: Formula | None) -> str:
        parts = formula.parts if isinstance(formula, Every) else (formula,)
        return listed(_short(each) for each in parts if isinstance(each, Literal))

    old, new = told(edit.old), told(edit.new)
    verb = "have" if _counted(edit) else "be"
    now = f"must now {verb}"
    if answer:
        now = "now always has" if _counted(edit) else "is now always"
    before = f", before: {old}" if old else ""
    if less:
        return f"{subject} {now} {new}{before}"
    if new:
        return f"{subject} may now {verb} {new}{before}"
    return f"{subject} need no longer {verb} {old}"


def _counted(edit: Edit) -> bool:
    return edit.kind.startswith(("min", "max")) and edit.kind not in ("minimum", "maximum")


def _some(words: list[str], joint: str = "and") -> str:
    if len(words) > FEW:
        return f"{', '.join(words[:FEW])} ... ({len(words)} in all)"
    return listed(words, joint)


def _alternatives(edit: Edit, subject: str, *, less: bool) -> str:
    whole = edit.old if less else edit.new
    parts = whole.parts if isinstance(whole, (Either, Single)) else (whole,)
    combined = [combination(part, ()) for part in parts if part is not None]
    if combined and all(each is not None and len(each.values) > 1 for each in combined):
        told = [phrases.titled([one for _, one in each.values], each.title) for each in combined if each is not None]
        first = combined[0]
        places = listed(place((*edit.path, *path)) for path, _ in first.values) if first is not None else subject
        many = "are" if len(told) > 1 else "is"
        return f"{_some(told)} {many} {'no longer' if less else 'newly'} listed for {places}"
    names = list(dict.fromkeys(alternative(part) for part in parts if part is not None))
    word = "may no longer" if less else "may now also"
    return f"{subject} {word} be {_some(names, 'or')}"


def alternative(formula: Formula) -> str:
    """One form that a value may take, in a few words."""
    parts = formula.parts if isinstance(formula, Every) else (formula,)
    fixed = []
    for part in parts:
        if isinstance(part, (At, In)):
            inner = part.body.parts if isinstance(part.body, Every) else (part.body,)
            fixed += [
                f"{part.key} {value(each.argument[0])}"
                for each in inner
                if isinstance(each, Literal) and each.test == "enum" and each.holds and len(each.argument) == 1
            ]
    types = [each for part in parts if isinstance(part, Literal) and part.test == "type" for each in part.argument]
    title = getattr(formula, "title", "")
    if fixed:
        return f"one with {listed(fixed[:3])}"
    if title and len(title) <= 60:  # a description is no name
        return f"“{title}”"
    for part in parts:
        if isinstance(part, Literal) and part.holds and part.test in ("enum", "format", "pattern"):
            return _some(list(map(value, part.argument)), "or") if part.test == "enum" else _short(part)
    if "object" in types:
        names = [str(part.key) for part in parts if isinstance(part, (At, In))]
        return f"an object with {_some(names)}" if names else "an object"
    needed = [part.argument for part in parts if isinstance(part, Literal) and part.test == "required" and part.holds]
    if types:
        return phrases.types(types)
    return f"one with {_some(needed)}" if needed else "another form"


def _condition(edit: Edit, *, less: bool) -> str:
    new, old = stated(edit.new, edit.path), stated(edit.old, edit.path)
    if edit.old is not None and edit.new is not None and new != old:
        return f"asked now: {new}; before: {old}"
    if less:
        return f"newly asked: {new}" if edit.new is not None else f"asked otherwise: {old}"
    return f"no longer asked: {old}" if edit.old is not None else f"asked otherwise: {new}"


def stated(formula: Formula | None, path: Path) -> str:
    """An assertion as people say it: `when settings.hdr is true, width is 1280 or more`."""
    if formula is None or formula == TRUE:
        return "nothing"
    owner = place(path) or "it"
    if not isinstance(formula, Either):
        return phrases.clause(formula, owner)
    when = [part for part in formula.parts if _denies(part)]
    then = [part for part in formula.parts if not _denies(part)]
    if not when:
        return listed((phrases.clause(each, owner) for each in then), "or")
    conditions = listed(said([phrases.clause(negation(each), owner) for each in when]))
    if not then and len(when) > 1 and conditions.count(" is ") == 1:
        return listed(
            phrases.clause(each, owner) for each in when if " is not an object" not in phrases.clause(each, owner)
        )
    if not then:
        return f"not together: {conditions}"
    return f"when {conditions}, {listed((phrases.clause(each, owner) for each in then), 'or')}"


def _denies(formula: Formula) -> bool:
    match formula:
        case Literal(holds=holds) | Single(holds=holds):
            return not holds
        case At(body=body) | In(body=body):
            return _denies(body)
        case Every(parts) | Either(parts):
            return bool(parts) and all(map(_denies, parts))
        case Items() | Members():
            return False
    return False


def shown(found: Any) -> str:
    """A JSON value on one line, shortened."""
    return value(found)
