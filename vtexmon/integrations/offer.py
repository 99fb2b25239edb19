"""The source seen through the configuration: which course a class belongs to, which channel and account it goes to,
under which reference. Worked out once per reading of the source; the integrations only ask.

Rules: DESIGN.md section 9. What goes nowhere is said (``Skip``), never silently left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from vtexmon.config import Account, Config, Regional
from vtexmon.core.failures import Failure, FailureClass
from vtexmon.i18n import _
from vtexmon.sge.parents import ParentProblem, parent_course
from vtexmon.sge.source import Channel, ClassKey, Course, CourseClass, CourseKey, Snapshot

PRODUCT_REF_LENGTH = 100
SKU_REF_LENGTH = 50


@dataclass(frozen=True, eq=False)
class Offer:
    """One reading of the source together with the configuration it is read under."""

    snapshot: Snapshot
    config: Config

    def catalog_account(self, channel: Channel) -> Account | None:
        """The account that receives products and SKUs of a channel; None when none is configured."""
        name = self.config.catalog.b2c if channel is Channel.B2C else self.config.catalog.b2b
        return self.config.accounts.get(name) if name else None

    @property
    def shares_account(self) -> bool:
        """Whether B2B is sold in the account of B2C: one product, SKU and stock for both, two prices."""
        return self.config.catalog.b2b is not None and self.config.catalog.b2b == self.config.catalog.b2c

    def recorded_under(self, channel: Channel) -> Channel:
        """The channel under which products, SKUs and stock of a channel are recorded."""
        return Channel.B2C if self.shares_account else channel

    def has_price(self, key: ClassKey, channel: Channel) -> bool:
        """Whether a class is priced in a channel, or in one that shares its records."""
        return any((key, one) in self.snapshot.prices for one in Channel if self.recorded_under(one) is channel)

    @cached_property
    def _b2b_courses(self) -> frozenset[CourseKey]:
        priced = (key for key, channel in self.snapshot.prices if channel is Channel.B2B)
        parents = (self._parents.get(key) for key in priced)
        return frozenset(parent for parent in parents if isinstance(parent, CourseKey))

    def trade_policies(self, key: CourseKey) -> tuple[int, ...]:
        """The trade policies a course's product must be in beside the main one."""
        sold_to_companies = self.shares_account and key in self._b2b_courses
        return (self.config.catalog.trade_policy.b2b,) if sold_to_companies else ()

    def regional(self, key: ClassKey | CourseKey) -> Regional | None:
        """The regional that a branch belongs to."""
        return self.config.regional_for(key.company, key.branch)

    def regional_account(self, key: ClassKey, channel: Channel) -> Account | None:
        """The account that receives price and stock of a class in a channel."""
        regional = self.regional(key)
        if regional is None or self.catalog_account(channel) is None:
            return None
        name = regional.b2c if channel is Channel.B2C else regional.b2b
        return self.config.accounts.get(name) if name else None

    @cached_property
    def _parents(self) -> Mapping[ClassKey, CourseKey | ParentProblem]:
        return {key: parent_course(self.snapshot, row) for key, row in self.snapshot.classes.items()}

    def course_of(self, key: ClassKey) -> Course | Failure:
        """The course of a class, or why it has none."""
        parent = self._parents.get(key)
        if isinstance(parent, CourseKey):
            return self.snapshot.courses[parent]
        reason = parent.reason if parent else _("a turma não está na origem")
        return context_failure(reason, _("Corrija o curso da turma no SGE; o reenvio lê a fonte de novo."))

    @cached_property
    def _channels(self) -> Mapping[ClassKey, tuple[Channel, ...]]:
        found: dict[ClassKey, list[Channel]] = defaultdict(list)
        for class_key, channel in self.snapshot.prices:
            found[class_key].append(self.recorded_under(channel))
        return {key: tuple(sorted(set(found[key]))) or (Channel.B2C,) for key in self.snapshot.classes}

    def channels_of_class(self, key: ClassKey) -> tuple[Channel, ...]:
        """The channels a class is recorded under: those in which it has a price; B2C when it has none yet."""
        return self._channels.get(key, ())

    @cached_property
    def _course_channels(self) -> Mapping[CourseKey, frozenset[Channel]]:
        found: dict[CourseKey, set[Channel]] = defaultdict(set)
        for class_key, parent in self._parents.items():
            if isinstance(parent, CourseKey):
                found[parent].update(self.channels_of_class(class_key))
        return {key: frozenset(channels) for key, channels in found.items()}

    def channels_of_course(self, key: CourseKey) -> tuple[Channel, ...]:
        """The channels of a course's classes; none for a course without classes."""
        return tuple(sorted(self._course_channels.get(key, ())))

    def brand_name(self, course: Course) -> str:
        """The course's brand, else the configured one."""
        return course.brand or self.config.catalog.default_brand

    def product_ref(self, key: CourseKey) -> str:
        """The RefId of a course's product."""
        return self.config.catalog.product_ref_id.format(
            codcoligada=key.company, codfilial=key.branch, codcurso=key.course
        )

    def sku_ref(self, key: ClassKey) -> str:
        """The RefId of a class's SKU."""
        return self.config.catalog.sku_ref_id.format(
            codcoligada=key.company, codfilial=key.branch, codturma=key.course_class, periodo_letivo=key.period
        )

    @cached_property
    def _product_refs(self) -> Mapping[str, list[CourseKey]]:
        found: dict[str, list[CourseKey]] = defaultdict(list)
        for key in self.snapshot.courses:
            found[self.product_ref(key)].append(key)
        return found

    @cached_property
    def _sku_refs(self) -> Mapping[str, list[ClassKey]]:
        found: dict[str, list[ClassKey]] = defaultdict(list)
        for key in self.snapshot.classes:
            found[self.sku_ref(key)].append(key)
        return found

    def product_ref_problem(self, key: CourseKey) -> Failure | None:
        """Why a course cannot be sent under its RefId, or None."""
        ref = self.product_ref(key)
        return _ref_problem(ref, PRODUCT_REF_LENGTH, [other.values for other in self._product_refs.get(ref, ())])

    def sku_ref_problem(self, key: ClassKey) -> Failure | None:
        """Why a class cannot be sent under its RefId, or None."""
        ref = self.sku_ref(key)
        advice = ""
        if key.period and "{periodo_letivo}" not in self.config.catalog.sku_ref_id:
            advice = _("Junte {periodo_letivo} a sku_ref_id na configuração.")
        return _ref_problem(ref, SKU_REF_LENGTH, [other.values for other in self._sku_refs.get(ref, ())], advice)

    def class_row(self, key: ClassKey) -> CourseClass | None:
        """The class at the source now."""
        return self.snapshot.classes.get(key)


def _ref_problem(ref: str, longest: int, owners: list[tuple[str, ...]], advice: str = "") -> Failure | None:
    if len(ref) > longest:
        reason = _("a referência «{0}» tem {1} caracteres; a VTEX aceita {2}").format(ref, len(ref), longest)
        return data_failure(reason, _("Encurte o código no SGE ou o modelo de referência na configuração."))
    if len(owners) > 1:
        keys = ", ".join(";".join(values) for values in owners)
        reason = _("a referência «{0}» é a mesma para {1}").format(ref, keys)
        general = _("Mude o modelo de referência na configuração para que distinga os registros.")
        return context_failure(reason, advice or general)
    return None


def context_failure(message: str, advice: str) -> Failure:
    """The record does not fit its context: configuration, branch, parent."""
    return Failure(FailureClass.CONTEXT, message, "", advice)


def data_failure(message: str, advice: str) -> Failure:
    """The record's own data cannot be sent as it is."""
    return Failure(FailureClass.DATA, message, "", advice)
