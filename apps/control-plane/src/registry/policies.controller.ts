import { Controller, Get, Inject, Param } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { Policy, Tier } from "@ziggurat/contracts";
import { z } from "zod";
import { RequireScope } from "../platform/http/access.js";
import { PYRAMID, type Pyramid } from "./pyramid.js";

const PolicyPath = z.strictObject({ tier: Tier });

/** What each tier asks before release, for everyone to read. */
@ApiTags("policies")
@Controller("api/v1/policies")
export class PoliciesController {
  constructor(@Inject(PYRAMID) private readonly pyramid: Pyramid) {}

  @Get(":tier")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: Policy })
  get(@Param({ schema: PolicyPath }) path: z.infer<typeof PolicyPath>): Policy {
    const { tier, gates, approvers, card, requiresCard, fullTuneMaxParameters } = this.pyramid[path.tier];
    return {
      tier,
      gates: gates.map(({ gate, limit, detail }) => ({ gate, limit, detail })),
      approvers,
      card: { asks: [...card], isRequired: requiresCard },
      fullTuneMaxParameters,
    };
  }
}
