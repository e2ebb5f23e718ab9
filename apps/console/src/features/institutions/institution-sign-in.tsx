import type { Institution } from "@ziggurat/contracts";
import { InstitutionDirectory } from "./institution-directory.js";
import { InstitutionProviders } from "./institution-providers.js";

/** How the institution's people come in: through which providers, and by which directory. For its own administrators. */
export function InstitutionSignIn({ institution }: { readonly institution: Institution }) {
  return (
    <div className="zg-stack zg-stack-wide">
      <InstitutionProviders institution={institution} />
      <InstitutionDirectory institution={institution} />
    </div>
  );
}
