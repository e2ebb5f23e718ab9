import { All, Body, Controller, Get, HttpCode, Param, Post, Query, Res, UseGuards } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { idOf } from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { hidden, Refusal } from "../platform/errors/refusal.js";
import { ScimNotImplemented } from "../platform/errors/scim-refusal.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { GROUP, USER } from "./attributes.js";
import { resourceTypes, schemas, serviceProviderConfig } from "./discovery.js";
import type { Json } from "./read-resource.js";
import { addressOf } from "./resource-view.js";
import { ScimDoorGuard } from "./scim-door.guard.js";
import { ScimGroups } from "./scim-groups.service.js";
import { ListQuery, listResponse, projected, SearchRequest } from "./scim-query.js";
import { ScimUsers } from "./scim-users.service.js";

const NamePath = z.object({ name: z.string() });
/** What describes the door is neither filtered nor sorted (RFC 7644, section 4). */
const DiscoveryQuery = z.looseObject({}).transform((query) => {
  if (query.filter !== undefined) throw new Refusal("denied", "This is answered as a whole; it is not filtered.");
  return query;
});
type DiscoveryQuery = z.infer<typeof DiscoveryQuery>;

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

  /** People and groups alike, people first; an attribute that one kind has not is one that none of it fits. */
  @Post(".search")
  @HttpCode(200)
  async search(@CurrentViewer() viewer: Viewer, @Body({ schema: SearchRequest }) query: ListQuery): Promise<Json> {
    const people = await this.users.list(viewer, query, this.groups.names);
    const { fromFirst, start, rest } = dealt(people.total, query.startIndex, query.count);
    const groups = await this.groups.list(viewer, { ...query, startIndex: start, count: rest }, this.users.names);
    const resources = [
      ...people.resources.slice(0, fromFirst).map((one) => projected(one, USER.schema, query)),
      ...groups.resources.map((one) => projected(one, GROUP.schema, query)),
    ];
    return listResponse({ total: people.total + groups.total, resources }, query.startIndex);
  }

  /** Whoever's token it is (RFC 7644, section 3.11). A service account is no resource of the directory. */
  @All("Me")
  me(@CurrentViewer() viewer: Viewer, @Res({ passthrough: true }) reply: FastifyReply): void {
    if (!idOf("user").safeParse(viewer.userId).success) throw new ScimNotImplemented("/Me for a service account");
    reply.status(308).header("location", addressOf(this.address.url, USER.endpoint, viewer.userId));
  }

  @Post("Bulk")
  bulk(): never {
    throw new ScimNotImplemented("/Bulk");
  }

  @Get("ServiceProviderConfig")
  config(@Query({ schema: DiscoveryQuery }) _: DiscoveryQuery): Json {
    return serviceProviderConfig(this.address.url);
  }

  @Get("ResourceTypes")
  resourceTypes(@Query({ schema: DiscoveryQuery }) _: DiscoveryQuery): Json {
    return all(resourceTypes(this.address.url));
  }

  @Get("ResourceTypes/:name")
  resourceType(
    @Param({ schema: NamePath }) { name }: z.infer<typeof NamePath>,
    @Query({ schema: DiscoveryQuery }) _: DiscoveryQuery,
  ): Json {
    return one(resourceTypes(this.address.url), name);
  }

  @Get("Schemas")
  schemas(@Query({ schema: DiscoveryQuery }) _: DiscoveryQuery): Json {
    return all(schemas(this.address.url));
  }

  @Get("Schemas/:name")
  schema(@Param({ schema: NamePath }) { name }: z.infer<typeof NamePath>, @Query({ schema: DiscoveryQuery }) _: DiscoveryQuery): Json {
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
