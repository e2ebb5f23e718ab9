import { Controller, Get, Param, Query, UseGuards } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { z } from "zod";
import { hidden } from "../platform/errors/refusal.js";
import { RequireScope } from "../platform/http/access.js";
import { PublicAddress } from "../platform/http/public-address.js";
import { resourceTypes, schemas, serviceProviderConfig } from "./discovery.js";
import type { Json } from "./read-resource.js";
import { ScimDoorGuard } from "./scim-door.guard.js";
import { ListQuery, listResponse } from "./scim-query.js";

const NamePath = z.object({ name: z.string() });

/** What the door can do (RFC 7644, section 4). */
@ApiExcludeController()
@RequireScope("institutions:write")
@UseGuards(ScimDoorGuard)
@Controller("scim/v2")
export class ScimController {
  constructor(private readonly address: PublicAddress) {}

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

function all(resources: readonly Json[]): Json {
  return listResponse({ total: resources.length, resources }, 1);
}

function one(resources: readonly Json[], id: string): Json {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw hidden();
  return found;
}
