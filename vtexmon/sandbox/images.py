"""Images of SKUs (``domain/vtex.md`` 2.6).

A repeated POST stores a second image, as VTEX does: clients must look first.
"""

import re

from vtexmon.sandbox.activation import activate_if_possible
from vtexmon.sandbox.fields import Field, read_fields, refuse_trailing_blanks
from vtexmon.sandbox.routes import Call, Route
from vtexmon.sandbox.skus import find_sku
from vtexmon.sandbox.state import Sku
from vtexmon.sandbox.wire import Answer, Record, empty_answer, json_answer, refuse_message, refuse_string

IMAGE_FIELDS = (
    Field("IsMain", bool, False),
    Field("Label", str),
    Field("Name", str, required=True),
    Field("Text", str, ""),
    Field("Url", str, required=True),
    Field("Position", int, 0),
)
_IMAGE_URL = re.compile(r"https?://[^/\s]+/\S*\.(jpe?g|png|gif|webp|bmp|svg)", re.IGNORECASE)


def add_image(call: Call) -> Answer:
    """POST an image by its URL; the first one is the main image. VTEX's download is taken as successful."""
    sku, fields = find_sku(call), _read_image(call)
    image_id = next(call.world.ids.image)
    image = {"Id": image_id, "ArchiveId": image_id + 60_000, "SkuId": sku.fields["Id"]} | fields
    image["FileLocation"] = f"{call.account.name}.vteximg.com.br/files/ids/{image['ArchiveId']}/{fields['Name']}"
    image["IsMain"] = fields["IsMain"] or not sku.images
    _keep_one_main(sku, image)
    sku.images.append(image)
    activate_if_possible(call.account.catalog, [sku])
    return json_answer([image])


def list_images(call: Call) -> Answer:
    """GET the images: 404 when there is none."""
    sku = find_sku(call)
    if not sku.images:
        raise refuse_string(404, "SKU does not have any files associated to it")
    return json_answer(sku.images)


def update_image(call: Call) -> Answer:
    """PUT one image."""
    sku, fields = find_sku(call), _read_image(call)
    image = _image(call, sku)
    image |= fields
    _keep_one_main(sku, image)
    return json_answer([image])


def delete_images(call: Call) -> Answer:
    """DELETE all images of a SKU."""
    find_sku(call).images.clear()
    return empty_answer()


def delete_image(call: Call) -> Answer:
    """DELETE one image."""
    sku = find_sku(call)
    sku.images.remove(_image(call, sku))
    return empty_answer()


def _read_image(call: Call) -> Record:
    body = call.json()
    refuse_trailing_blanks(body)
    fields = read_fields(IMAGE_FIELDS, body)
    if not _IMAGE_URL.fullmatch(fields["Url"]):
        raise refuse_message(400, "The Url must be http or https and end in the extension of an image.")
    return fields


def _image(call: Call, sku: Sku) -> Record:
    image_id = call.number("file_id")
    image = next((image for image in sku.images if image["Id"] == image_id), None)
    if image is None:
        raise refuse_string(404, "File not found")
    return image


def _keep_one_main(sku: Sku, changed: Record) -> None:
    if changed["IsMain"]:
        for image in sku.images:
            image["IsMain"] = image is changed


_FILE = "/api/catalog/pvt/stockkeepingunit/{sku_id}/file"

ROUTES = (
    Route("POST", _FILE, add_image, "catalog", writes=True),
    Route("GET", _FILE, list_images, "catalog"),
    Route("DELETE", _FILE, delete_images, "catalog", writes=True),
    Route("PUT", f"{_FILE}/{{file_id}}", update_image, "catalog", writes=True),
    Route("DELETE", f"{_FILE}/{{file_id}}", delete_image, "catalog", writes=True),
)
