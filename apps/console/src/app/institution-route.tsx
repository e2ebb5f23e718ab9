import { ExitPanel } from "../features/exit/exit-panel.js";
import { InstitutionPage } from "../features/institutions/institution-page.js";
import { Months } from "../features/statements/months.js";

/** An institution's page, with the parts of it that are features of their own. */
export function InstitutionRoute() {
  return <InstitutionPage statements={(slug) => <Months key={slug} slug={slug} />} exit={(slug) => <ExitPanel key={slug} slug={slug} />} />;
}
