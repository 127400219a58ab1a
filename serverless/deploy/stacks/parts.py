"""The three stacks of a stage: what they are called, where they are, and the templates that they are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, get_args

from serverless import aws
from serverless.stack import names
from serverless.stack.config import StackConfig

__all__ = ["PARTS", "Part", "Ref", "Template", "Templates", "body", "ref", "templates"]

type Part = Literal["releases", "home", "edge"]
type Template = Mapping[str, Any]
type Templates = Mapping[Part, Template]

# In the order in which they are made.
PARTS: Final[tuple[Part, ...]] = get_args(Part.__value__)


@dataclass(frozen=True, kw_only=True)
class Ref:
    """One stack: where to find it, whether it is there or not."""

    part: Part
    name: str
    region: str

    @cached_property
    def client(self) -> Any:
        """CloudFormation in the stack's region; kept, because making a client takes 50 ms."""
        return aws.client("cloudformation", region=self.region)


def ref(config: StackConfig, part: Part) -> Ref:
    naming = {"releases": names.releases_stack, "home": names.home_stack, "edge": names.edge_stack}
    region = names.EDGE_REGION if part == "edge" else config.region
    return Ref(part=part, name=naming[part](config.prefix), region=region)


def templates(config: StackConfig) -> Templates:
    """Return the three templates of a stage as CloudFormation reads them."""
    # Here, not above: troposphere takes half a second, and most commands read stacks only.
    from serverless.stack import edge, home, releases

    made = zip(PARTS, (releases, home, edge), strict=True)
    # Through JSON: names are enumerations until then.
    return {part: json.loads(body(room.template(config).to_dict())) for part, room in made}


def body(template: Template) -> str:
    """Return a template as compact JSON: the same text for the same template."""
    return json.dumps(template, separators=(",", ":"), sort_keys=True)
