"""What an exporter has said in one observation domain: templates, sampling rates, its start, names of applications."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from tocsin.readers._flow_rows import Clock, name
from tocsin.readers._flow_templates import OptionsRecord, OptionsTemplate, Template, options_rate

RATE_MAX = 2**31 - 1


class Message(NamedTuple):
    """What holds for all sets of a message. ``source``: observation domain, of NetFlow v9 the source id."""

    exporter: str | None
    version: int
    source: int
    clock: Clock

    @property
    def key(self) -> tuple[str | None, int, int]:
        """Whose templates it uses."""
        return self.exporter, self.version, self.source


class Waiting(NamedTuple):
    """A data set that waits for its template; ``offset`` of its body."""

    message: Message
    body: bytes
    offset: int


@dataclass(slots=True)
class Domain:
    """The state of one observation domain. ``samplers`` and ``interfaces``: sampling rates by number.

    A number is in ``templates`` or in ``options``, never in both.
    """

    templates: dict[int, Template] = field(default_factory=dict)
    options: dict[int, OptionsTemplate] = field(default_factory=dict)
    waiting: dict[int, list[Waiting]] = field(default_factory=dict)
    samplers: dict[int, int] = field(default_factory=dict)
    interfaces: dict[int, int] = field(default_factory=dict)
    applications: dict[bytes, str] = field(default_factory=dict)
    rate: int | None = None
    boot_ms: int | None = None
    _rates: Counter[int] = field(default_factory=Counter)

    @property
    def is_sampled(self) -> bool:
        """Whether any sampling rate is known."""
        return bool(self.rate or self.samplers or self.interfaces)

    def template(self, number: int) -> Template | OptionsTemplate | None:
        """The template of this number, of either kind."""
        return self.templates.get(number) or self.options.get(number)

    def define(self, number: int, template: Template | OptionsTemplate) -> None:
        """Take a template; it replaces one of the same number."""
        if isinstance(template, Template):
            self.templates[number] = template
            self.options.pop(number, None)
        else:
            self.options[number] = template
            self.templates.pop(number, None)

    def sampling_rate(self, sampler: int | None, interface: int | None) -> int:
        """By the flow's sampler, else its interface, else the domain's own, else that of all the domain's samplers."""
        if sampler is not None and sampler in self.samplers:
            return self.samplers[sampler]
        if interface is not None and interface in self.interfaces:
            return self.interfaces[interface]
        # A record with sampler 0 was not sampled; one without such a field may come from an exporter that links nothing.
        if self.rate is None and sampler is None and len(self._rates) == 1:
            return next(iter(self._rates))
        return self.rate or 1

    def take(self, record: OptionsRecord, *, only_new: bool, room: int) -> int:
        """Learn from an options record.

        Args:
            record: By enterprise and element.
            only_new: Keep what is known already.
            room: How many entries may be added.

        Returns:
            How many entries were added.
        """
        before = self._entries()
        boot = int.from_bytes(record.get((0, 160), b""), "big")
        if boot and not (only_new and self.boot_ms):
            self.boot_ms = boot
        text, application = name(record.get((0, 96), b"")), record.get((0, 95))
        if text and application and room > 0:
            self.applications.setdefault(application, text)
        rate = options_rate(record)
        if rate and rate <= RATE_MAX:
            self._take_rate(record, rate, only_new, room)
        return self._entries() - before

    def _entries(self) -> int:
        return len(self.samplers) + len(self.interfaces) + len(self.applications)

    def _take_rate(self, record: OptionsRecord, rate: int, only_new: bool, room: int) -> None:
        sampler = next((record[0, element] for element in (48, 302) if record.get((0, element))), b"")
        interface = record.get((-1, 2), record.get((0, 10), b""))  # scope of v9 (RFC 3954, section 6.1), of IPFIX
        if not sampler and not interface:
            if not (only_new and self.rate):
                self.rate = rate
            return
        rates = self.samplers if sampler else self.interfaces
        number = int.from_bytes(sampler or interface, "big")
        known = rates.get(number)
        if (only_new and known is not None) or (known is None and room <= 0):
            return
        rates[number] = rate
        if sampler:
            self._rates[rate] += 1
            if known is not None:
                self._rates[known] -= 1
                if not self._rates[known]:
                    del self._rates[known]
