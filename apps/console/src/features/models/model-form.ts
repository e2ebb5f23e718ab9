import { type CreateModel, type Scenario, Tag, type Tier } from "@ziggurat/contracts";

/** The registration form's own shape: flat, as text. */
export interface ModelForm extends Record<string, unknown> {
  readonly tier: Tier;
  readonly slug: string;
  readonly name: string;
  readonly scenario: Scenario;
  readonly licence: string;
  readonly purpose: string;
  readonly limits: string;
  readonly trainingData: string;
  readonly contact: string;
  readonly languages: string;
  readonly tags: string;
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
    purpose: "",
    limits: "",
    trainingData: "",
    contact: "",
    languages: "",
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
    card: {
      purpose: form.purpose,
      limits: form.limits,
      trainingData: form.trainingData,
      contact: form.contact,
      languages: listOf(form.languages),
    },
    tags: [...new Set(tagsOf(form.tags))],
    terms: { commercialUse: form.commercialUse, redistribution: form.redistribution, regions: [] },
    ...(tier === "institution" ? { scenario: form.scenario } : {}),
    ...(tier !== "institution" && form.licence.trim() ? { licence: form.licence.trim() } : {}),
  };
}

/** Tags are separated by commas of either script, since they may hold spaces; as the contract writes them, so that none stands twice. */
function tagsOf(text: string): string[] {
  return text
    .split(/[,\u3001\uff0c]+/)
    .map((tag) => Tag.safeParse(tag).data ?? tag.trim())
    .filter((tag) => tag !== "");
}

/** Words separated by commas or spaces, of either script. */
export function listOf(text: string): string[] {
  return text.split(/[\s,\u3001\uff0c]+/).filter((part) => part !== "");
}
