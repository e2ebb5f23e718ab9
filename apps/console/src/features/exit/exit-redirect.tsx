import { to } from "../../lib/console-paths.js";
import { useRouteParam } from "../../lib/route-param.js";
import { AppNavigate } from "../../ui/app-navigate.js";

/** The address that the exit once had. */
export function ExitRedirect() {
  return <AppNavigate to={to.exit(useRouteParam("slug"))} />;
}
