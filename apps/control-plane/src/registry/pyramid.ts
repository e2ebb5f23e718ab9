import type { FactoryProvider } from "@nestjs/common";
import type { Tier } from "@ziggurat/contracts";
import { financePolicy } from "@ziggurat/finance";
import { foundationPolicy } from "@ziggurat/foundation";
import { institutionPolicyWith } from "@ziggurat/institution";
import type { TierPolicy, ViewerFacts } from "@ziggurat/pyramid";
import { CONFIG, type Config } from "../platform/config.js";
import type { Viewer } from "../platform/database/viewer.js";

/** Nest token of the {@link Pyramid}. */
export const PYRAMID = Symbol("PYRAMID");

/** The single list of tiers. A fourth tier is one package and one line here. */
export type Pyramid = Readonly<Record<Tier, TierPolicy>>;

export const pyramidProvider: FactoryProvider<Pyramid> = {
  provide: PYRAMID,
  inject: [CONFIG],
  useFactory: ({ rules }: Pick<Config, "rules">): Pyramid => ({
    foundation: { ...foundationPolicy, requiresCard: rules.requireCompleteCards },
    finance: { ...financePolicy, requiresCard: rules.requireCompleteCards },
    institution: { ...institutionPolicyWith(rules.fullTuneMaxParameters), requiresCard: rules.requireCompleteCards },
  }),
};

/** The viewer as rules see one. */
export function viewerFacts(viewer: Viewer): ViewerFacts {
  const { roles, institutionSlug: institution, customScopes: scopes = [], tiers } = viewer;
  return { roles, institution, scopes, ...(tiers === undefined ? {} : { tiers }) };
}
