import { useQuery } from "@tanstack/react-query";
import { Navigate, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { to } from "../lib/console-paths.js";
import { MeContext, meQuery } from "../lib/session.js";
import { ProblemPanel } from "../ui/problem-panel.js";
import { Skeleton } from "../ui/skeleton.js";
import { OtherTabNotice } from "./other-tab-notice.js";
import { SideNav } from "./side-nav.js";
import "./shell.css";
import { TopBar } from "./top-bar.js";
import { useShellKeys } from "./use-shell-keys.js";

const KeyHelp = lazy(() => import("./key-help.js"));
const NoRightsPage = lazy(() => import("../features/login/no-rights-page.js"));
const ForcedPasswordPage = lazy(() => import("../features/login/forced-password-page.js"));

/** What surrounds every page of a signed-in person. Without one it sends to sign-in and remembers the place. */
export function Shell() {
  const { data: me, error, refetch } = useQuery(meQuery);
  const href = useRouterState({ select: (state) => state.location.href });
  // While sign-in is on its way this shell renders once more, and the place to come back to is not sign-in itself.
  if (me === null && href.startsWith(to.login())) return null;
  if (me === null) return <Navigate to={to.login()} search={href === "/" ? {} : { next: href }} replace />;
  if (me === undefined) {
    return <main className="zg-alone">{error ? <ProblemPanel error={error} onRetry={() => void refetch()} /> : <Skeleton />}</main>;
  }
  if (!me.mustChangePassword && me.scopes.length === 0) {
    return (
      <Suspense>
        <NoRightsPage me={me} />
      </Suspense>
    );
  }
  if (!me.mustChangePassword) {
    return (
      <MeContext value={me}>
        <SignedIn />
      </MeContext>
    );
  }
  return (
    <Suspense>
      <ForcedPasswordPage />
    </Suspense>
  );
}

function SignedIn() {
  const { t } = useTranslation("shell");
  const [isNavOpen, setNavOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  useShellKeys({ onHelp: () => setHelpOpen(true) });
  return (
    <div className="zg-shell" data-nav-open={isNavOpen || undefined}>
      <a className="zg-skip" href="#content">
        {t("skip")}
      </a>
      <TopBar onMenu={() => setNavOpen(!isNavOpen)} isNavOpen={isNavOpen} onHelp={() => setHelpOpen(true)} />
      <SideNav onNavigate={() => setNavOpen(false)} />
      <main id="content" className="zg-content">
        <Outlet />
      </main>
      <OtherTabNotice />
      {isHelpOpen && (
        <Suspense>
          <KeyHelp onClose={() => setHelpOpen(false)} />
        </Suspense>
      )}
    </div>
  );
}
