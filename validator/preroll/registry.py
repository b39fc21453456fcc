"""
The registry: every known document, its targets, and what is known about them beyond the documents.

A registry is immutable. It may be shared by threads and by forked processes; what it makes on the way
(views of documents, engines) is kept, and making one twice in a race is harmless.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from preroll import dialect, document, redaction, target
from preroll import pointer as pointers
from preroll.document import Document, DocumentError
from preroll.envelope import PLAIN, Envelope
from preroll.target import Target

if TYPE_CHECKING:
    import referencing

    from preroll.assertions import Assertions
    from preroll.evaluation import Truth
    from preroll.recollection import Memory
    from preroll.rules import Rule, RuleSet
    from preroll.silence import Silence


class UnknownTarget(LookupError):
    """No target has that name; `near` are the nearest that are known, `several` those that it could mean."""

    def __init__(self, name: str, near: tuple[str, ...] = (), several: tuple[str, ...] = ()) -> None:
        super().__init__(name)
        self.name, self.near, self.several = name, near, several

    def __str__(self) -> str:
        if self.several:
            return f"{self.name!r} could mean {_listed(self.several)}; give the whole name"
        hint = f"; did you mean {_listed(self.near)}?" if self.near else "; `preroll targets` lists what is known"
        return f"{self.name!r} is no known target{hint}"


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def data_root() -> Path:
    """
    The folder `schemas/`: the checkout's own where there is one, else the copy inside the installed package.

    An editable install leaves a stale copy in site-packages, which is why the checkout comes first.
    """
    here = Path(__file__).resolve().parent
    checkout = here.parent.parent / "schemas"
    return checkout if (checkout / "sources.toml").is_file() else here / "schemas"


class Source(NamedTuple):
    """Where the text of a known document is, and what the compiled index says of it."""

    key: str
    path: Path
    vendor: str
    title: str
    version: str
    date: str
    sha256: str
    patch: tuple[Mapping[str, Any], ...] = ()
    origins: tuple[Mapping[str, Mapping[str, str]], ...] = ()
    changed: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    stale: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        """Title and version, as people name the document."""
        return f"{self.title} {self.version}".strip()


ASKED: Final = 8
"""Payloads of a target about which its prose rules are asked one by one."""


KEPT: Final = 48
"""
How many of the latest `Registry.kept` live on: the bundled targets in both views. Each may hold two solvers, some
40 MB, and each day asks for others.
"""


class Vendor(NamedTuple):
    """What is known of one vendor beyond its documents."""

    envelope: Envelope
    rules: RuleSet | None
    overlays: tuple[tuple[str, Mapping[str, Any]], ...] = ()


class Registry:
    """
    Known documents and their targets.

    Attributes:
        targets: every target by name, branches included, in order.
    """

    def __init__(
        self,
        targets: Mapping[str, Target],
        sources: Mapping[str, Source | Document],
        vendors: Mapping[str, Vendor],
        rules_of: Mapping[str, tuple[str, ...]],
        stale_rules: Mapping[str, str],
    ) -> None:
        self.targets: Mapping[str, Target] = MappingProxyType(dict(targets))
        self.stale_rules: Mapping[str, str] = MappingProxyType(dict(stale_rules))
        self._sources = dict(sources)
        self._vendors = dict(vendors)
        self._rules_of = dict(rules_of)
        self._documents: dict[str, Document] = {}
        self._assertions: dict[tuple[str, bool], Assertions] = {}
        self._truths: dict[tuple[str, bool], Truth] = {}
        self._engines: dict[tuple[str, str, bool], dialect.Engine] = {}
        self._closed: dict[str, bool] = {}
        self._rules: dict[str, tuple[Rule, ...]] = {}
        self._memories: dict[tuple[str, str, bool], Memory] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._asked: dict[str, int] = {}
        self._silences: dict[str, Silence] = {}
        self._quoted: dict[tuple[str, str], tuple[str, str]] = {}
        self._told: dict[tuple[str, Any], tuple[Target, ...]] | None = None

    @classmethod
    def bundled(cls) -> Registry:
        """The documents that come with the package."""
        global _BUNDLED  # noqa: PLW0603  # one immutable value, read once a process
        if _BUNDLED is None:
            _BUNDLED = _read_index(data_root())
        return _BUNDLED

    @classmethod
    def load(cls, *paths: str | os.PathLike[str], bundled: bool = True) -> Registry:
        """
        Documents from files and folders, beside the bundled ones or alone.

        A document takes the place of every bundled one that describes a target of the same name.

        Raises:
            DocumentError: a file is no document, or a reference in it leads nowhere.
            Unreadable: a file cannot be read or parsed.
        """
        base = cls.bundled()
        loaded = [_load_file(path, base) for path in _files(paths)]
        return base._with(loaded, keep=bundled)  # noqa: SLF001  # one registry made from another

    @classmethod
    def of(cls, tree: Any, name: str = "document", *, bundled: bool = False) -> Registry:
        """A registry of one parsed document; see `load`."""
        base = cls.bundled()
        return base._with([_load_tree(tree, name, "", base)], keep=bundled)  # noqa: SLF001  # as above

    def extended(self, vendors: Mapping[str, Vendor], *paths: str | os.PathLike[str]) -> Registry:
        """
        The same documents under other knowledge of their vendors, and further documents beside them.

        Raises:
            DocumentError, Unreadable: see `load`.
        """
        rules_of, stale = dict(self._rules_of), dict(self.stale_rules)
        for name, vendor in vendors.items():
            known = self._vendors.get(name)
            if vendor.rules is not None and (known is None or vendor.rules is not known.rules):
                mine = [each for each in self.targets.values() if each.vendor == name]
                for each in mine:
                    raw = self.document(each).raw
                    rules_of[each.name] = tuple(rule.id for rule in applicable(vendor.rules, each, raw))
        base = Registry(self.targets, self._sources, vendors, rules_of, stale)
        loaded = [_load_file(path, base) for path in _files(paths)]
        return base._with(loaded, keep=True) if loaded else base  # one registry made from another

    def _with(self, loaded: list[tuple[Document, list[Target]]], *, keep: bool) -> Registry:
        sources: dict[str, Source | Document] = dict(self._sources) if keep else {}
        known = dict(self.targets) if keep else {}
        rules_of = dict(self._rules_of) if keep else {}
        for read, found in loaded:
            mine = {each.name for each in found if not each.companion}
            replaced = {known[name].document for name in mine if name in known}
            known = {name: each for name, each in known.items() if each.document not in replaced}
            for gone in replaced:
                sources.pop(gone, None)
            sources[read.name] = read
            for each in found:
                if not each.companion or each.name not in known:
                    known[each.name] = each
        stale = dict(self.stale_rules) if keep else {}
        for read, found in loaded:
            vendor = self._vendors.get(read.vendor)
            if vendor is not None and vendor.rules is not None:
                for each in found:
                    rules_of[each.name] = tuple(rule.id for rule in applicable(vendor.rules, each, read.raw))
                stale.update(stale_rules(vendor.rules, found, read.raw))
        rules_of = {name: ids for name, ids in rules_of.items() if name in known}
        return Registry(known, sources, self._vendors, rules_of, stale)

    @property
    def documents(self) -> tuple[Source | Document, ...]:
        """Every document, without reading it: title, version, date, corrections."""
        return tuple(self._sources.values())

    def document(self, target: Target | str) -> Document:
        """
        The document of a target (or of a document's key).

        Raises:
            DocumentError: the document cannot be used.
        """
        key = target if isinstance(target, str) else target.document
        found = self._documents.get(key)
        if found is None:
            source = self._sources[key]
            found = source if isinstance(source, Document) else _read_source(source)
            self._documents[key] = found
        return found

    def source(self, target: Target) -> Source | Document:
        """What the index says of a target's document, without reading it."""
        return self._sources[target.document]

    def assertions(self, target: Target, *, published: bool = False) -> Assertions:
        """The formulas of a target's document, in one of its two views."""
        key = (target.document, published)
        found = self._assertions.get(key)
        if found is None:
            from preroll.assertions import Assertions  # an accepted payload needs no formulas

            read = self.document(target)
            found = self._assertions.setdefault(key, Assertions(read.published if published else read.intended))
        return found

    def truth(self, target: Target, *, published: bool = False) -> Truth:
        """The interpreter of those formulas."""
        key = (target.document, published)
        found = self._truths.get(key)
        if found is None:
            from preroll.evaluation import Truth

            made = Truth(
                self.assertions(target, published=published),
                lambda pointer: self.engine(target, pointer, published=published),
            )
            found = self._truths.setdefault(key, made)
        return found

    def names(self, target: Target, body: Any) -> Collection[str]:
        """The property names that a target knows at the root of a body."""
        kept = self._names.get(target.name)
        if kept is not None:
            return kept
        from preroll.vocabulary import Vocabulary  # upwards: a payload that names its model needs no guess

        vocabulary = Vocabulary(self.truth(target), self.assertions(target).formula(target.schema))
        known = vocabulary.names((), body).known
        return self._names.setdefault(target.name, frozenset(known)) if vocabulary.is_steady() else known

    def memory(self, target: Target, schema: str, *, published: bool = False) -> Memory:
        """What has been explained of one place in a target's document."""
        key = (target.name, schema, published)
        found = self._memories.get(key)
        if found is None:
            from preroll.recollection import Memory  # upwards: what is accepted needs no explanation

            formula = self.assertions(target, published=published).formula(schema)
            link = "" if published else self.link(target.name)
            found = self._memories.setdefault(key, Memory(self.truth(target, published=published), formula, link))
        return found

    def schema(self, target: Target, pointer: str | None = None, *, published: bool = False) -> Any:
        """A self-contained JSON Schema 2020-12 of a target, or of one place in its document."""
        read = self.document(target)
        tree = read.published if published else read.intended
        return self_contained(tree, target.schema if pointer is None else pointer)

    def engine(self, target: Target, pointer: str | None = None, *, published: bool = False) -> dialect.Engine:
        """
        The fast engine for a target, or for one place in its document; made once.

        Raises:
            DocumentError: the schema cannot be compiled; says why.
        """
        at = target.schema if pointer is None else pointer
        key = (target.document, at, published)
        found = self._engines.get(key)
        if found is None:
            try:
                found = dialect.engine(self.schema(target, at, published=published))
            except ValueError as error:
                problem = str(error)
                raise DocumentError(self.document(target).name, at, problem, "mend the document") from error
            found = self._engines.setdefault(key, found)
        return found

    def is_closed(self, target: Target) -> bool:
        """Whether every object of a target refuses properties that it does not describe."""
        found = self._closed.get(target.name)
        if found is None:
            found = self._closed.setdefault(target.name, closed(self.document(target).intended, target.schema))
        return found

    def vendor(self, name: str) -> Vendor:
        """What is known of a vendor; a plain envelope and no rules for one that nobody has described."""
        return self._vendors.get(name) or Vendor(PLAIN, None)

    @property
    def vendors(self) -> Mapping[str, Vendor]:
        """The vendors that `schemas/` describes."""
        return MappingProxyType(self._vendors)

    @cached_property
    def kept(self) -> Callable[..., Any]:
        """
        `kept(make, *arguments)` is `make(registry, *arguments)`, made once.

        It is for what the floors above work out at length. A cache of their own would keep a registry that nobody
        uses any more; this one goes with it.
        """

        def made(make: Callable[..., Any], *arguments: Any) -> Any:
            return make(self, *arguments)

        return lru_cache(maxsize=KEPT)(made)

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The names, in small letters, of members whose values nobody may see."""
        names = (name.lower() for vendor in self._vendors.values() for name in vendor.envelope.secrets)
        return frozenset((*redaction.SECRETS, *names))

    def rules(self, target: Target) -> tuple[Rule, ...]:
        """The prose rules that bear on a target."""
        found = self._rules.get(target.name)
        if found is None:
            rules = self.vendor(target.vendor).rules
            wanted = self._rules_of.get(target.name, ())
            every = () if rules is None else rules.rules
            found = self._rules.setdefault(target.name, tuple(rule for rule in every if rule.id in wanted))
        return found

    def speaking(self, target: Target, value: Any) -> tuple[Rule, ...]:
        """
        The prose rules of a target that may have something to say of a task, by itself.

        What silences each is looked into only where there are many tasks: that takes longer than to ask the rules.
        """
        found = self._silences.get(target.name)
        if found is None:
            asked = self._asked.get(target.name, 0)
            alone = tuple(rule for rule in self.rules(target) if not rule.across)
            if asked < ASKED:
                self._asked[target.name] = asked + 1
                return alone
            from preroll.silence import Silence, clearance_of  # upwards, and only for many tasks

            found = self._silences.setdefault(target.name, Silence(alone, self.kept(clearance_of, target.vendor)))
        return found.speaking(value)

    def quoted(self, rule: Rule, target: Target) -> tuple[str, str]:
        """Where the sentence of a rule stands in a target's document, and the documentation address beside it."""
        key = (rule.id, target.document)
        found = self._quoted.get(key)
        if found is None:
            from preroll.diagnosis import excerpt  # upwards: only findings quote the vendor
            from preroll.rules import anchors

            raw = self.document(target).raw
            at = next(iter(anchors(rule, raw)), "")
            described = pointers.look_up(raw, pointers.parse(at)) if at else ""
            found = self._quoted[key] = (at, excerpt(described)[1] if isinstance(described, str) else "")
        return found

    def link(self, target: str) -> str:
        """The documentation address of a target by its name, or ""."""
        rules = self.vendor(target.partition("/")[0]).rules
        return "" if rules is None else rules.link(target)

    def told(self, name: str, value: Any) -> tuple[Target, ...]:
        """The targets, branches included, whose payloads carry a constant."""
        if self._told is None:
            told: dict[tuple[str, Any], tuple[Target, ...]] = {}
            for each in self.targets.values():
                for key, constant in each.told_by.items():
                    if isinstance(constant, str):
                        told[key, constant] = (*told.get((key, constant), ()), each)
            self._told = told
        return self._told.get((name, value), ()) if isinstance(value, str) else ()

    def resolve(self, name: str) -> Target:
        """
        The target that a name means: its full name, its id alone, `POST /v1/path`, or an operationId.

        Raises:
            UnknownTarget: none does, or several do.
        """
        found = self.targets.get(name)
        if found is not None:
            return found
        method, _, path = name.partition(" ")
        wanted = [
            each
            for each in self.targets.values()
            if name == each.id
            or (not each.branch_of and name == each.operation_id and name)
            or (not each.branch_of and path and method.upper() == each.method and path == each.path)
        ]
        if len(wanted) == 1:
            return wanted[0]
        if wanted:
            raise UnknownTarget(name, several=tuple(each.name for each in wanted))
        raise UnknownTarget(name, near=self.near(name))

    def near(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Names of targets that look like `name`, nearest first."""
        import difflib  # only a misspelt name pays for it

        spelt = {each: each.rpartition("/")[2] if "/" not in name else each for each in self.targets}
        scored = [
            (difflib.SequenceMatcher(None, name.lower(), text.lower()).ratio(), each) for each, text in spelt.items()
        ]
        scored.sort(key=lambda each: -each[0])
        return tuple(each for score, each in scored[:limit] if score > 0.6)  # below that it is noise

    @property
    def resources(self) -> referencing.Registry[Any]:
        """The documents, intended view, as a `referencing.Registry` under `preroll:<document>`."""
        import referencing  # off the start-up path
        from referencing.jsonschema import DRAFT202012

        registry: referencing.Registry[Any] = referencing.Registry()
        return registry.with_resources(
            (f"preroll:{key}", DRAFT202012.create_resource(self.document(key).intended)) for key in self._sources
        )


_BUNDLED: Registry | None = None


def self_contained(tree: Any, pointer: str) -> Any:
    """
    The schema at a JSON Pointer, with everything it refers to brought along under `$defs`.

    Raises:
        KeyError: there is nothing at the pointer.
        DocumentError: a reference leads nowhere.
    """
    schema = pointers.look_up(tree, pointers.parse(pointer))
    if schema is pointers.ABSENT:
        raise KeyError(pointer)
    names: dict[str, str] = {}
    defs: dict[str, Any] = {}
    waiting: list[tuple[str, Any]] = []
    taken: set[str] = set()

    def moved(node: Any) -> Any:
        fresh = node
        if not isinstance(node, dict):
            return node
        for path, inner in document.subschemas(node):
            changed = moved(inner) if path[0] not in ("$defs", "definitions") else inner
            if changed is not inner:
                fresh = document.replaced(fresh, path, changed)
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            fresh = {**fresh, "$ref": f"#/$defs/{name_of(reference[1:])}"}
        if "$defs" in fresh or "definitions" in fresh:  # whoever is referred to comes along under its new name
            fresh = {key: value for key, value in fresh.items() if key not in ("$defs", "definitions")}
        return fresh

    def name_of(at: str) -> str:
        if at not in names:
            target = pointers.look_up(tree, pointers.parse(at))
            if target is pointers.ABSENT:
                raise DocumentError("schema", at, "a $ref leads to this place, and nothing is there")
            name = re.sub(r"[^A-Za-z0-9_.-]", "_", at.rpartition("/")[2] or "root")
            while name in taken:
                name += "_"
            taken.add(name)
            names[at] = name
            waiting.append((names[at], target))
        return names[at]

    result = moved(schema)
    while waiting:  # not by recursion: chains of references may be long
        name, target = waiting.pop()
        defs[name] = moved(target)
    if defs:
        result = {**result, "$defs": defs}
    return result


def closed(tree: Any, pointer: str) -> bool:
    """
    Whether every object that a schema describes refuses properties that it does not describe.

    Conditions (`if`, `not`, `allOf`, ...) speak about objects that are described elsewhere, so they do not count.
    """
    seen: set[int] = set()
    stack = [pointers.look_up(tree, pointers.parse(pointer))]
    while stack:
        schema = stack.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        if isinstance(schema.get("$ref"), str):
            stack.append(pointers.look_up(tree, pointers.parse(schema["$ref"].removeprefix("#"))))
        properties = schema.get("properties")
        if isinstance(properties, dict):
            if schema.get("additionalProperties") is not False and schema.get("unevaluatedProperties") is not False:
                return False
            stack.extend(properties.values())
        stack.append(schema.get("items"))
        for keyword in ("anyOf", "oneOf", "prefixItems"):
            branches = schema.get(keyword)
            if isinstance(branches, list) and not isinstance(properties, dict):
                stack.extend(branches)
        if not isinstance(properties, dict):
            stack.extend(schema.get("allOf") or ())
    return True


def _same(one: Any, other: Any) -> bool:
    return one is other


def _read_index(root: Path) -> Registry:
    import orjson  # with the data, not before

    from preroll.rules import load_rules

    index = orjson.loads((root / "compiled.json").read_bytes())
    sources = {
        each["key"]: Source(
            key=each["key"],
            path=root / each["file"],
            vendor=each["vendor"],
            title=each["title"],
            version=each["version"],
            date=each["date"],
            sha256=each["sha256"],
            patch=tuple(each["patch"]),
            origins=tuple(each["origins"]),
            changed={name: tuple(touched) for name, touched in each["changed"].items()},
            stale=tuple((name, reason) for name, reason in each["stale"]),
        )
        for each in index["documents"]
    }
    vendors = {
        name: Vendor(
            Envelope.of(each["envelope"]),
            load_rules(each["rules"], compiled=True) if each["rules"] else None,
            tuple((file, overlay) for file, overlay in each["overlays"]),
        )
        for name, each in index["vendors"].items()
    }
    targets = {each["name"]: Target.of(each) for each in index["targets"]}
    rules_of = {name: tuple(ids) for name, ids in index["rules"].items()}
    return Registry(targets, sources, vendors, rules_of, index["stale"])


def _read_source(source: Source) -> Document:
    import orjson

    tree = orjson.loads(source.path.read_bytes())
    return document.load(
        tree,
        name=source.key,
        vendor=source.vendor,
        corrected=_corrected(tree, source),
        changed=source.changed,
        stale=source.stale,
        origins=_origins(source.origins) if source.origins else None,
        date=source.date,
        sha256=source.sha256,
    )


def _corrected(tree: Any, source: Source) -> Any:
    if not source.patch:
        return tree
    from preroll.overlay import patched  # only documents with corrections need it

    return patched(tree, source.patch)


def _origins(data: Iterable[Mapping[str, Mapping[str, str]]]) -> Callable[[str], str]:
    """The way back through several overlays, the last one first."""
    steps = list(data)

    def published(pointer: str) -> str:
        from preroll.overlay import Origins  # only failing payloads ask

        for each in reversed(steps):
            pointer = Origins(**each).published(pointer)
        return pointer

    return published


def _files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    for each in map(Path, paths):
        if each.is_dir():
            yield from sorted(
                file for file in each.rglob("*") if file.suffix in (".json", ".yaml", ".yml") and file.is_file()
            )
        else:
            yield each


def _load_file(path: Path, base: Registry) -> tuple[Document, list[Target]]:
    from preroll import source  # reading files is not every caller's business

    raw = source.read_file(path)
    return _load_tree(source.read_document(raw, str(path)), str(path), document.digest(raw), base)


def _load_tree(tree: Any, name: str, sha256: str, base: Registry) -> tuple[Document, list[Target]]:
    from preroll import answers  # only what is loaded can be one

    vendor, envelope = _vendor_of(tree, base)
    aliases: tuple[tuple[str, str], ...] = ()
    if answers.is_answer(tree, envelope):
        tree, aliases = answers.as_document(tree, envelope)
    read = document.load(tree, name=name, vendor=vendor, sha256=sha256, aliases=aliases)
    found = list(_targets_of(read, envelope))
    if vendor in base._vendors:  # noqa: SLF001  # a registry made from a registry
        read = corrected(read, found, base._vendors[vendor], base)  # noqa: SLF001
    _ = read.intended, read.published  # every $ref is followed now, so that nothing fails later
    return read, found


def _targets_of(read: Document, envelope: Envelope) -> Iterator[Target]:
    return target.targets(
        read.published, read.kind, document=read.name, vendor=read.vendor, title=read.title, envelope=envelope
    )


def corrected(read: Document, found: list[Target], vendor: Vendor, base: Registry) -> Document:
    """
    A document with those of its vendor's corrections applied that are about its targets.

    A correction that no longer fits is left out and listed in `Document.stale`.
    """
    from preroll import overlay  # JSONPath is off the start-up path

    tree, changed, stale = read.raw, {}, []
    origins: list[Mapping[str, Mapping[str, str]]] = []
    for file, data in vendor.overlays:
        extended = [each for each in base.targets.values() if each.document.endswith(file) and not each.companion]
        globs = overlay.read(data).targets or tuple(each.name for each in extended)
        if any(about(globs, each) for each in found):
            applied = overlay.apply(tree, data)
            tree = applied.document
            origins.append(applied.origins.to_data())
            changed.update({name: tuple(touched) for name, touched in applied.changed.items()})
            stale += [(each.id, each.reason) for each in applied.stale]
    if not changed and not stale:
        return read
    return replace(read, corrected=tree, changed=changed, stale=tuple(stale), origins=_origins(origins))


def _vendor_of(tree: Any, base: Registry) -> tuple[str, Envelope]:
    """The vendor whose hosts a document names, or one made from the document's title."""
    from preroll import answers  # as above

    servers = tree.get("servers") if isinstance(tree, dict) else None
    listed = servers if isinstance(servers, list) else []
    addresses = [str(each.get("url", "")) for each in listed if isinstance(each, dict)]
    for name, vendor in base.vendors.items():
        hosts = vendor.envelope.hosts
        if any(re.match(rf"https?://{re.escape(host)}(?=[/:]|$)", url) for host in hosts for url in addresses):
            return name, vendor.envelope
        if answers.is_answer(tree, vendor.envelope):
            return name, vendor.envelope
    info = tree.get("info") if isinstance(tree, dict) else None
    if isinstance(info, dict):
        return target.slug(str(info.get("title", "document"))), PLAIN
    return "schema", PLAIN


def applicable(rules: RuleSet, target: Target, raw: Any) -> Iterator[Rule]:
    """The rules whose targets name this one and whose quote stands in its document."""
    from preroll.rules import stale

    for rule in rules.rules:
        if about(rule.targets, target) and stale(rule, raw) is None:
            yield rule


def stale_rules(rules: RuleSet, found: list[Target], raw: Any) -> Iterator[tuple[str, str]]:
    """The rules that name a target of a document outright but whose quote no longer stands in it."""
    from preroll.rules import stale

    for rule in rules.rules:
        outright = [each for each in rule.targets if not set(each) & set("*?[")]
        if any(about(outright, each) for each in found):
            reason = stale(rule, raw)
            if reason is not None:
                yield rule.id, reason


def about(globs: Iterable[str], target: Target) -> bool:
    """Whether one of the globs names a target, or the operation that it is a branch of."""
    names = (target.name, target.branch_of) if target.branch_of else (target.name,)
    return any(fnmatch.fnmatchcase(name, glob) or name == glob for glob in globs for name in names)


__all__ = [
    "Registry",
    "Source",
    "UnknownTarget",
    "Vendor",
    "applicable",
    "corrected",
    "data_root",
    "self_contained",
]
