import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface PageProps {
  /** Also the title of the browser's tab. */
  readonly title: string;
  readonly heading?: ReactNode;
  readonly beside?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly above?: ReactNode;
  readonly children: ReactNode;
}

/** A page with one h1. A reader of the screen hears the new page because focus moves to it. */
export function Page({ title, heading, beside, lead, actions, above, children }: PageProps) {
  const { t } = useTranslation();
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t("pageTitle", { title });
  }, [t, title]);
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.closest("nav")) h1.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className="zg-page">
      {above}
      <div className="zg-stack zg-stack-tight">
        <div className="zg-page-head">
          <div className="zg-page-title">
            <h1 ref={h1} tabIndex={-1} dir="auto">
              {heading ?? title}
            </h1>
            {beside}
          </div>
          {actions && <div className="zg-row">{actions}</div>}
        </div>
        {lead && <div className="zg-page-lead">{lead}</div>}
      </div>
      {children}
    </div>
  );
}
