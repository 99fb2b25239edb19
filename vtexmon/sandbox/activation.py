"""When a SKU may be active (``domain/vtex.md`` 2.7), and the ones that become so by themselves.

A SKU with ``ActivateIfPossible`` is activated at the very change that meets its last condition.
"""

from collections.abc import Callable, Iterable

from vtexmon.sandbox.state import Catalog, Product, Sku

NO_FILES = "it does not have any files associated to it yet"


def obstacle(catalog: Catalog, sku: Sku) -> str | None:
    """Why a SKU cannot be active, as VTEX words it after "because"; None when it can."""
    product = catalog.products[sku.fields["ProductId"]]
    unfilled = _unfilled(catalog, product, sku)
    checks: tuple[tuple[bool, str], ...] = (
        (bool(sku.images), NO_FILES),
        (bool(sku.fields["RefId"]), "it does not have a RefId or an EAN"),
        (product.fields["IsActive"], "its product is not active"),
        (catalog.brands[product.fields["BrandId"]]["Active"], "its brand is not active"),
        (catalog.categories[product.fields["CategoryId"]]["IsActive"], "its category is not active"),
        (not unfilled, f"its mandatory specifications are not filled: {unfilled}"),
        (not sku.fields["IsKit"] or _components_active(catalog, sku), "its kit components are missing or not active"),
    )
    return next((reason for met, reason in checks if not met), None)


def refusal_text(sku: Sku, reason: str) -> str:
    """VTEX's sentence for an activation that it refuses."""
    return f"Sku {sku.fields['Id']} could not be set as active because {reason}."


def activate_if_possible(catalog: Catalog, skus: Iterable[Sku]) -> None:
    """Activate those of the SKUs that wait for it and may be."""
    for sku in skus:
        waits = sku.fields["ActivateIfPossible"] and not sku.fields["IsActive"]
        if waits and obstacle(catalog, sku) is None:
            sku.fields["IsActive"] = True


def activate_where_possible(catalog: Catalog, concerns: Callable[[Product], bool]) -> None:
    """The same for all SKUs of the products that a change concerns."""
    for product in catalog.products.values():
        if concerns(product):
            activate_if_possible(catalog, (catalog.skus[sku_id] for sku_id in product.sku_ids))


def _unfilled(catalog: Catalog, product: Product, sku: Sku) -> str:
    """Names of the mandatory specifications, of product and SKU, that have no value."""
    filled = {row["FieldId"] for row in (*product.specifications, *sku.specifications)}
    wanted = (field for field in catalog.fields_of(product.fields["CategoryId"]) if field["IsRequired"])
    return ", ".join(field["Name"] for field in wanted if field["IsActive"] and field["Id"] not in filled)


def _components_active(catalog: Catalog, kit: Sku) -> bool:
    components = [catalog.skus.get(sku_id) for sku_id in kit.components]
    return bool(components) and all(sku is not None and sku.fields["IsActive"] for sku in components)
