import type { InstitutionExit } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { Glyph, type GlyphName } from "../../ui/glyph.js";
import { Time } from "../../ui/time.js";
import { type StepName, stepsOf } from "./steps-of.js";

const SIGN: Record<"done" | "now" | "ahead", GlyphName> = { done: "checked", now: "play", ahead: "queue" };

/** The way out, step by step; each says by sign and word whether it is behind. */
export function ExitSteps({ leaving }: { readonly leaving: InstitutionExit }) {
  const { t } = useTranslation("exit");
  return (
    <ol className="zg-stack zg-plain-list">
      {stepsOf(leaving).map(({ name, is }) => (
        <li key={name} aria-current={is === "now" ? "step" : undefined}>
          <div className="zg-row">
            <Glyph name={SIGN[is]} />
            <strong>{t(`steps.${name}`)}</strong>
            <span className="zg-quiet">{t(`steps.is.${is}`)}</span>
          </div>
          <StepDetail name={name} leaving={leaving} />
        </li>
      ))}
    </ol>
  );
}

function StepDetail({ name, leaving: { exit, state } }: { readonly name: StepName; readonly leaving: InstitutionExit }) {
  const { t } = useTranslation("exit");
  const formats = useFormats();
  if (name === "waiting" && state === "leaving" && exit?.erasesAt) {
    return (
      <p className="zg-quiet zg-small">
        {t("steps.erasesAt")} <Time at={exit.erasesAt} />
      </p>
    );
  }
  if (name === "erasing" && state === "erasing" && exit !== null) {
    const { done, total } = exit.progress;
    return (
      <div className="zg-stack zg-stack-tight">
        <progress className="zg-meter" value={done} max={total} aria-label={t("steps.erasing")} />
        <p className="zg-quiet zg-small">{t("steps.of", { done: formats.number(done), all: formats.number(total) })}</p>
        {exit.detail && <p className="zg-break">{exit.detail}</p>}
      </div>
    );
  }
  return null;
}
