"""What a business can be."""

CATEGORIES = {
    "tea": "Tea and snacks",
    "groceries": "Groceries",
    "food": "Restaurant",
    "pharmacy": "Pharmacy",
    "books": "Books and paper",
    "clothes": "Clothes",
    "repairs": "Repairs and services",
    "travel": "Taxi and travel",
    "other": "Something else",
}


def title_of(category: str) -> str:
    """A category in words."""
    return CATEGORIES.get(category, CATEGORIES["other"])
