import { Card, type CreateModel, type Scenario, Tag, type Tier } from "@ziggurat/contracts";
import { type CardTexts, cardOf, cardTexts } from "./card-fields.js";

/** What people say about a model, as text of a form's inputs. */
export interface ModelTexts extends CardTexts, Record<string, unknown> {
  readonly name: string;
  readonly licence: string;
  readonly tags: string;
}

/** The registration form's own shape: flat, as text. */
export interface ModelForm extends ModelTexts {
  readonly tier: Tier;
  readonly slug: string;
  readonly scenario: Scenario;
  readonly commercialUse: boolean;
  readonly redistribution: boolean;
}

export function emptyModelForm(tier: Tier): ModelForm {
  return {
    tier,
    slug: "",
    name: "",
    scenario: "customer_service",
    licence: "",
    ...cardTexts(Card.parse({})),
    tags: "",
    commercialUse: true,
    redistribution: true,
  };
}

/** The request a form stands for. A shared tier is its own namespace; a task model lives in its institution's. */
export function modelRequest(form: ModelForm, institution: string): CreateModel {
  const { tier } = form;
  return {
    namespace: tier === "institution" ? institution : tier,
    slug: form.slug.trim(),
    tier,
    name: form.name.trim(),
    card: cardOf(form),
    tags: [...new Set(tagsOf(form.tags))],
    terms: { commercialUse: form.commercialUse, redistribution: form.redistribution, regions: [] },
    ...(tier === "institution" ? { scenario: form.scenario } : {}),
    ...(tier !== "institution" && form.licence.trim() ? { licence: form.licence.trim() } : {}),
  };
}

/** Tags are separated by commas of either script, since they may hold spaces; as the contract writes them, so that none stands twice. */
export function tagsOf(text: string): string[] {
  return text
    .split(/[,\u3001\uff0c]+/)
    .map((tag) => Tag.safeParse(tag).data ?? tag.trim())
    .filter((tag) => tag !== "");
}
