"""
Services: where a target's requests go, what they carry beside the body, and how answers are read.

All of it is read from the target's document; what no document says comes from the vendor's envelope data
(`preroll.envelope.Service`). Nothing here opens a socket.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from preroll import pointer as pointers
from preroll.envelope import Service as Facts
from preroll.pointer import ABSENT

if TYPE_CHECKING:
    from preroll.registry import Registry
    from preroll.target import Target

PORTS = {"http": 80, "https": 443}

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PATH = re.compile(r"[!$-;=@-Z_a-z{}~\[\]]*")
_PRINTED = re.compile(r"[ -~]*")

_OURS = frozenset(
    ("connection", "content-encoding", "content-length", "cookie", "host", "te", "transfer-encoding", "upgrade")
)
"""Headers that decide where a request goes and where it ends; no document has a say in them."""


class ContractError(ValueError):
    """Something that a contract check refuses to do; says what, and what would be needed."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """
    The operation that cancels a task.

    Attributes:
        target: its name.
        method, path: of the operation; the path has one parameter.
        parameter, schema: the parameter's name, and the pointer of its schema.
        headers: what every such request carries.
    """

    target: Target
    method: str
    path: str
    parameter: str
    schema: str
    headers: Mapping[str, str]

    def filled(self, registry: Registry, task: str) -> str:
        """
        The path for a task.

        Raises:
            ContractError: the document does not allow such an id.
        """
        if self.schema and not registry.engine(self.target, self.schema).is_valid(task):
            raise ContractError("the service returned an id that the document does not allow in an address")
        if not task or task in (".", ".."):  # would change the address, whatever the document allows
            raise ContractError("the service returned an id that cannot stand in an address")
        return self.path.replace("{" + self.parameter + "}", quote(task, safe=""))


@dataclass(frozen=True, slots=True)
class Service:
    """
    One target's service.

    Attributes:
        servers: the document's own servers, the first one is meant; empty where it names none.
        method, path: of the operation.
        headers: what every request carries beside the key and the type of the body.
        key_header, key_prefix: the header of the key, and what stands before it.
        hosts: the hosts that are known to be the vendor's; empty for a vendor that nobody has described.
        facts: what the vendor's data says.
        cancel: how a task is cancelled, where that is possible.
    """

    servers: tuple[str, ...]
    method: str
    path: str
    headers: Mapping[str, str]
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    hosts: tuple[str, ...] = ()
    facts: Facts = field(default_factory=Facts)
    cancel: Cancel | None = None

    def ids(self, answer: Any) -> list[str]:
        """The ids of the tasks that an answer names."""
        return [str(each) for each in _found(answer, self.facts.ids) if isinstance(each, (str, int)) and each != ""]

    def costs(self, answer: Any) -> list[float]:
        """The costs that an answer names."""
        return [
            float(each)
            for each in _found(answer, self.facts.costs)
            if isinstance(each, (int, float)) and not isinstance(each, bool)
        ]

    def has_result(self, answer: Any) -> bool:
        """Whether an answer holds what only a task has that ran."""
        return any(each not in (None, "", [], {}) for each in _found(answer, self.facts.results))

    def is_dry(self, answer: Any) -> bool:
        """Whether an answer says of itself that it is that of a dry run."""
        return any(each is True for each in _found(answer, self.facts.marks))


def _found(answer: Any, places: Iterable[str]) -> Iterator[Any]:
    for each in places:
        for _, value in pointers.expand(answer, pointers.parse(each)):
            yield value


def service(registry: Registry, target: Target) -> Service:
    """
    The service of a target.

    Raises:
        ContractError: its requests cannot be made: no body, a parameter nobody knows, a key in the address.
    """
    if not target.method:
        raise ContractError(f"{target.name} is no operation of a service: its document says no address")
    if not target.described:
        raise ContractError(f"{target.name} describes no payload, so there is nothing to ask its service")
    tree = registry.document(target).published
    facts = registry.vendor(target.vendor).envelope.service
    header, prefix = _key(tree, target)
    unknown = [each.key for each in target.parameters if each.place == "path"]
    if unknown:
        raise ContractError(f"{target.name} needs the parameter {unknown[0]}, whose value nobody knows")
    return Service(
        servers=tuple(_servers(tree, target)),
        method=target.method,
        path=target.path,
        headers=_headers(registry, target),
        key_header=header,
        key_prefix=prefix,
        hosts=registry.vendor(target.vendor).envelope.hosts,
        facts=facts,
        cancel=_cancel(registry, target, facts),
    )


def _headers(registry: Registry, target: Target) -> dict[str, str]:
    """The header parameters that the document fixes: constants, defaults and enumerations of one."""
    tree = registry.document(target).published
    found: dict[str, str] = {}
    for each in target.parameters:
        if each.place == "path":
            continue
        schema = pointers.look_up(tree, pointers.parse(each.schema)) if each.schema else {}
        schema = schema if isinstance(schema, dict) else {}
        enum = schema.get("enum")
        value = schema.get("const", schema.get("default", ABSENT))
        if value is ABSENT and isinstance(enum, list) and len(enum) == 1:
            value = enum[0]
        if each.place == "header" and each.name.lower() in ("accept", "content-type", "authorization"):
            continue  # such a parameter is ignored (OpenAPI 3.1, section 4.8.12.2)
        if each.place == "header" and isinstance(value, str):
            if not _TOKEN.fullmatch(each.name) or not _PRINTED.fullmatch(value) or each.name.lower() in _OURS:
                raise ContractError(f"{target.name}: its document asks for a header that is not sent")
            found[each.name] = value
        elif each.required:
            raise ContractError(f"{target.name} needs the parameter {each.key}, and its document fixes no value for it")
    return found


def _key(tree: Any, target: Target) -> tuple[str, str]:
    """The header that carries the key, and what stands before it, from the document's security schemes."""
    operation = pointers.look_up(tree, ("paths", target.path, target.method.lower()))
    asked = operation.get("security") if isinstance(operation, dict) else None
    asked = tree.get("security") if asked is None else asked
    schemes = pointers.look_up(tree, ("components", "securitySchemes"))
    for each in asked if isinstance(asked, list) else ():
        for name in each if isinstance(each, dict) else ():
            scheme = schemes.get(name) if isinstance(schemes, dict) else None
            if not isinstance(scheme, dict):
                continue
            if scheme.get("type") == "http" and str(scheme.get("scheme", "")).lower() == "bearer":
                return "Authorization", "Bearer "
            if scheme.get("type") == "apiKey" and scheme.get("in") == "header":
                header = str(scheme.get("name"))
                if not _TOKEN.fullmatch(header) or header.lower() in _OURS:
                    raise ContractError(f"{target.name}: its document wants the key in a header that is not sent")
                return header, ""
            if scheme.get("type") == "apiKey":
                place = scheme.get("in")
                raise ContractError(f"{target.name} wants its key in the {place}, where it could end up in logs")
    return "Authorization", "Bearer "


def _servers(tree: Any, target: Target) -> Iterator[str]:
    """The servers of the operation, else of its path, else of the document; with their variables' defaults."""
    for at in (("paths", target.path, target.method.lower()), ("paths", target.path), ()):
        holder = pointers.look_up(tree, at)
        listed = holder.get("servers") if isinstance(holder, dict) else None
        if isinstance(listed, list) and listed:
            for each in listed:
                if isinstance(each, dict) and isinstance(each.get("url"), str):
                    url = each["url"]
                    variables = each.get("variables")
                    for name, variable in (variables if isinstance(variables, dict) else {}).items():
                        url = url.replace("{" + name + "}", str(variable.get("default", "")))
                    yield url
            return


def _cancel(registry: Registry, target: Target, facts: Facts) -> Cancel | None:
    found = registry.targets.get(f"{target.vendor}/{facts.cancel}") if facts.cancel else None
    if found is None:
        return None
    places = [each for each in found.parameters if each.place == "path"]
    if len(places) != 1:
        return None
    return Cancel(found, found.method, found.path, places[0].name, places[0].schema, _headers(registry, found))


def address(server: str, path: str) -> str:
    """
    The address of a path on a server; a path of nothing but a slash is the server's own address.

    Raises:
        ContractError: the path would lead to another host.
    """
    base = server.rstrip("/")
    if path == "/" and urlsplit(base).path:
        return base
    if not path.startswith("/") or not _PATH.fullmatch(path) or place(base + path) != place(base):
        raise ContractError("a document's path does not begin with a slash, or holds what no address holds")
    return base + path


def moved(own: str, given: str) -> str:
    """
    The server that stands in for a document's own one: the given one, at the path of the own one unless it has one.

    `http://127.0.0.1:4010` for `https://api.example.com/v1` is `http://127.0.0.1:4010/v1`; with a slash at its end
    it is `http://127.0.0.1:4010`.
    """
    path = "" if urlsplit(given).path else urlsplit(own).path
    return given.rstrip("/") + path.rstrip("/")


def checked(url: str, option: str = "--server") -> str:
    """
    A server's address that a key may be sent to.

    Raises:
        ContractError: it is none, carries a user or a query, or is not encrypted and not on this machine.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ContractError(f"{option}: that is no address of a server") from None
    if "@" in parts.netloc:  # not shown: it may be the key
        raise ContractError(f"{option}: an address must not carry a user or a key; keys come from the environment")
    if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment:
        # Not shown either: a query could hold the key, too.
        raise ContractError(f"{option}: that is no address of a server; write https://HOST or https://HOST/PATH")
    if port == 0 or any(each.isspace() or ord(each) < 32 for each in url):
        raise ContractError(f"{option}: that is no address of a server")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        host = parts.hostname
        raise ContractError(
            f"{option}: http to {host} is not encrypted; a key travels by https, or stays on this machine"
        )
    return url.rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def place(url: str) -> tuple[str, int]:
    """Host and port of an address."""
    parts = urlsplit(url)
    return (parts.hostname or "").lower().rstrip("."), parts.port or PORTS.get(parts.scheme, 0)


def allowed(url: str, service: Service, hosts: Iterable[str]) -> bool:
    """
    Whether an address is on one of the document's own servers, or on a host that was allowed by name.

    A document that names a known vendor's server may name others as well: those do not count, for anybody can write
    a document, and the key is the vendor's.
    """
    wanted = place(url)
    own = [each for each in service.servers if urlsplit(each).hostname]
    if service.hosts:
        own = [each for each in own if place(each)[0] in service.hosts]
    if any(place(each) == wanted for each in own):
        return True
    scheme = urlsplit(url).scheme
    for each in hosts:
        try:
            if place(f"{scheme}://{each}") == wanted and "@" not in each and "/" not in each:
                return True
        except ValueError:
            raise ContractError(f"--allow-host: {each!r} is no host; write HOST or HOST:PORT") from None
    return False
