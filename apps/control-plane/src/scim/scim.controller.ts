import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden } from "../platform/errors/refusal.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { GROUP, USER } from "./attributes.js";
import { resourceTypes, schemas, serviceProviderConfig } from "./discovery.js";
import type { Json } from "./read-resource.js";
import { ScimDoorGuard } from "./scim-door.guard.js";
import { ScimGroups } from "./scim-groups.service.js";
import { ListQuery, listResponse, projected, SearchRequest } from "./scim-query.js";
import { ScimUsers } from "./scim-users.service.js";

const NamePath = z.object({ name: z.string() });

/** What the door can do (RFC 7644, section 4). */
@ApiExcludeController()
@RequireScope("directory:write")
@UseGuards(ScimDoorGuard)
@Controller("scim/v2")
export class ScimController {
  constructor(
    private readonly address: PublicAddress,
    private readonly users: ScimUsers,
    private readonly groups: ScimGroups,
  ) {}

  /** People and groups alike; an attribute that one kind has not is one that none of it fits. */
  @Post(".search")
  @HttpCode(200)
  async search(@CurrentViewer() viewer: Viewer, @Body({ schema: SearchRequest }) query: ListQuery): Promise<Json> {
    const kinds = await Promise.allSettled([this.users.list(viewer, query), this.groups.list(viewer, { ...query, count: 0 })]);
    const [people, groups] = kinds.map((kind) => (kind.status === "fulfilled" ? kind.value : null));
    if (kinds.every(({ status }) => status === "rejected")) throw kinds.map((kind) => (kind.status === "rejected" ? kind.reason : null))[0];
    const { fromFirst, start, rest } = dealt(people?.total ?? 0, query.startIndex, query.count);
    const more =
      groups == null || rest === 0 ? [] : (await this.groups.list(viewer, { ...query, startIndex: start, count: rest })).resources;
    const resources = [
      ...(people?.resources ?? []).slice(0, fromFirst).map((one) => projected(one, USER.schema, query)),
      ...more.map((one) => projected(one, GROUP.schema, query)),
    ];
    return listResponse({ total: (people?.total ?? 0) + (groups?.total ?? 0), resources }, query.startIndex);
  }

  @Get("ServiceProviderConfig")
  config(@Query({ schema: ListQuery }) _: ListQuery): Json {
    return serviceProviderConfig(this.address.url);
  }

  @Get("ResourceTypes")
  resourceTypes(@Query({ schema: ListQuery }) _: ListQuery): Json {
    return all(resourceTypes(this.address.url));
  }

  @Get("ResourceTypes/:name")
  resourceType(@Param({ schema: NamePath }) { name }: z.infer<typeof NamePath>, @Query({ schema: ListQuery }) _: ListQuery): Json {
    return one(resourceTypes(this.address.url), name);
  }

  @Get("Schemas")
  schemas(@Query({ schema: ListQuery }) _: ListQuery): Json {
    return all(schemas(this.address.url));
  }

  @Get("Schemas/:name")
  schema(@Param({ schema: NamePath }) { name }: z.infer<typeof NamePath>, @Query({ schema: ListQuery }) _: ListQuery): Json {
    return one(schemas(this.address.url), name);
  }
}

/** People first, then groups: how many of each an answer holds. */
function dealt(first: number, startIndex: number, count: number) {
  const fromFirst = Math.max(0, Math.min(count, first - (startIndex - 1)));
  return { fromFirst, start: Math.max(1, startIndex - first), rest: count - fromFirst };
}

function all(resources: readonly Json[]): Json {
  return listResponse({ total: resources.length, resources }, 1);
}

function one(resources: readonly Json[], id: string): Json {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw hidden();
  return found;
}
