"""The billers we know, and how their customers' numbers look.

Which of them can be paid is said by the rows of ``wallet.biller``: production seeds none.
"""

import re
from dataclasses import dataclass
from typing import Literal

from batua_db.money import Money

LONGEST = 40
BETWEEN = re.compile(r"[ \-]")


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of service; ``id`` is its name in addresses."""

    id: str
    title: str
    icon: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of biller: what its customers' numbers look like, and how much it takes at once.

    Where bills are ``fetched`` the biller says how much; else the person does.
    """

    label: str
    hint: str
    wrong: str
    shape: re.Pattern[str]
    least: Money
    most: Money
    fetched: bool
    keyboard: Literal["numeric", "text"] = "numeric"

    def read(self, typed: str) -> str:
        """Take a number as people write it; raises ``ValueError`` with what to do.

        Spaces and hyphens in between are left out, and letters made large.
        """
        text = typed.strip(" \t\r\n\u00a0")
        if len(text) > LONGEST or not text.isascii():
            raise ValueError(self.wrong)
        text = BETWEEN.sub("", text).upper()
        if not self.shape.fullmatch(text):
            raise ValueError(self.wrong)
        return text


@dataclass(frozen=True, slots=True)
class Listing:
    """A biller of the catalogue."""

    code: str
    name: str
    category: Category
    kind: Kind


MOBILE = Category("mobile", "Mobile", "smartphone")
ELECTRICITY = Category("electricity", "Electricity", "zap")
BROADBAND = Category("broadband", "Broadband", "wifi")
WATER = Category("water", "Water", "droplets")
DTH = Category("dth", "DTH", "tv")
FASTAG = Category("fastag", "FASTag", "car")
CATEGORIES = (MOBILE, ELECTRICITY, BROADBAND, WATER, DTH, FASTAG)

RECHARGE = Kind(
    label="Mobile number",
    hint="The prepaid number to recharge: ten digits, without +91.",
    wrong="A mobile number here has ten digits and begins with 6, 7, 8 or 9.",
    shape=re.compile(r"[6-9][0-9]{9}", re.ASCII),
    least=Money(10_00),
    most=Money(5_000_00),
    fetched=False,
)
DECCAN_ACCOUNT = Kind(
    label="Account ID",
    hint="Ten digits, at the top right of your bill.",
    wrong="An account ID has ten digits, and the first is not 0. It is on your bill.",
    shape=re.compile(r"[1-9][0-9]{9}", re.ASCII),
    least=Money(1_00),
    most=Money(1_00_000_00),
    fetched=True,
)
MALABAR_CONSUMER = Kind(
    label="Consumer number",
    hint="Thirteen digits, below your name on the bill.",
    wrong="A consumer number has thirteen digits. It is below your name on the bill.",
    shape=re.compile(r"[0-9]{13}", re.ASCII),
    least=Money(1_00),
    most=Money(1_00_000_00),
    fetched=True,
)
FIBRE_CUSTOMER = Kind(
    label="Customer ID",
    hint="J and nine digits, for example J104 233 519.",
    wrong="A customer ID is J and nine digits, for example J104233519.",
    shape=re.compile(r"J[0-9]{9}", re.ASCII),
    least=Money(1_00),
    most=Money(50_000_00),
    fetched=True,
    keyboard="text",
)
WATER_RR = Kind(
    label="RR number",
    hint="One or two letters and seven digits, for example SE 104 2335.",
    wrong="An RR number is one or two letters and seven digits, for example SE1042335.",
    shape=re.compile(r"[A-Z]{1,2}[0-9]{7}", re.ASCII),
    least=Money(1_00),
    most=Money(50_000_00),
    fetched=True,
    keyboard="text",
)
DISH_SUBSCRIBER = Kind(
    label="Subscriber ID",
    hint="Ten digits that begin with 1. Press Menu on the remote to see it.",
    wrong="A subscriber ID has ten digits and begins with 1. Press Menu on the remote to see it.",
    shape=re.compile(r"1[0-9]{9}", re.ASCII),
    least=Money(50_00),
    most=Money(10_000_00),
    fetched=False,
)
TAG_VEHICLE = Kind(
    label="Vehicle number",
    hint="As on the plate, for example KA 01 MJ 4321.",
    wrong="Type the vehicle number as on the plate, for example KA 01 MJ 4321 or 22 BH 4321 AA.",
    shape=re.compile(
        r"[A-Z]{2}[0-9]{1,2}[A-Z]{1,3}[0-9]{4}|[0-9]{2}BH[0-9]{4}[A-Z]{1,2}", re.ASCII
    ),
    least=Money(100_00),
    most=Money(10_000_00),
    fetched=False,
    keyboard="text",
)

LISTINGS = {
    listing.code: listing
    for listing in (
        Listing("TARANG", "Tarang Mobile", MOBILE, RECHARGE),
        Listing("VANI", "Vani Telecom", MOBILE, RECHARGE),
        Listing("DECCAN", "Deccan Power", ELECTRICITY, DECCAN_ACCOUNT),
        Listing("MALABAR", "Malabar Electricity Board", ELECTRICITY, MALABAR_CONSUMER),
        Listing("JYOTI", "Jyoti Fibernet", BROADBAND, FIBRE_CUSTOMER),
        Listing("DHARA", "Dhara City Water", WATER, WATER_RR),
        Listing("AKASH", "Akash DTH", DTH, DISH_SUBSCRIBER),
        Listing("RAJPATH", "Rajpath FASTag", FASTAG, TAG_VEHICLE),
    )
}
