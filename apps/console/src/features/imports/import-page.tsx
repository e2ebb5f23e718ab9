import { useQuery } from "@tanstack/react-query";
import { Import, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { to } from "../../lib/console-paths.js";
import { shortId } from "../../lib/format.js";
import { polling } from "../../lib/query-client.js";
import { useRouteParam } from "../../lib/route-param.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { AppLink } from "../../ui/app-link.js";
import { ButtonLink } from "../../ui/button-link.js";
import { Fact, Facts } from "../../ui/facts.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { VersionLink } from "../../ui/ref-link.js";
import { ImportStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import { Time } from "../../ui/time.js";
import { ImportActions } from "./import-actions.js";
import { ImportFailureNote } from "./import-failure.js";
import { SourceFacts } from "./source-facts.js";

const MOVING_MS = 1000;

/** One import: what comes from where, how far it is, and what came of it. Read often while bytes move. */
export function ImportPage() {
  const id = useRouteParam("id");
  const read = useQuery({
    queryKey: [paths.import(id)],
    queryFn: ({ signal }) => api.get(paths.import(id), Import, { signal }),
    ...polling,
    refetchInterval: ({ state }) => (isMoving(state.data) && document.visibilityState !== "hidden" ? MOVING_MS : polling.refetchInterval()),
  });
  return <ObjectPage read={read}>{(found) => <ImportView key={found.id} found={found} />}</ObjectPage>;
}

const isMoving = (found: Import | undefined) => found?.state === "resolving" || found?.state === "transferring";

function ImportView({ found }: { readonly found: Import }) {
  const { t } = useTranslation("imports");
  const words = useWords();
  return (
    <Page
      title={t("pageTitle", { id: shortId(found.id), model: found.model })}
      heading={
        <>
          <AppLink to={to.model(found.model)}>
            <bdi>{found.model}</bdi>
          </AppLink>{" "}
          <span className="zg-quiet">#{shortId(found.id)}</span>
        </>
      }
      beside={
        <>
          <TierMark tier={found.tier} />
          <span aria-live="polite">
            <ImportStateBadge state={found.state} />
          </span>
        </>
      }
      actions={
        <>
          {found.version && <ButtonLink to={to.version(found.version)}>{t("openVersion")}</ButtonLink>}
          <ImportActions found={found} />
        </>
      }
    >
      {found.failure && found.state === "failed" && <ImportFailureNote failure={found.failure} />}
      <ImportProgress found={found} />
      <div className="zg-halves">
        <SourceFacts found={found} />
        <Panel title={t("result.title")}>
          <Facts>
            <Fact term={t("result.version")}>{found.version ? <VersionLink value={found.version} /> : t("result.none")}</Fact>
            <Fact term={t("field.artifactKind")}>{words.t(`artifactKind.${found.artifactKind}`)}</Fact>
            <Fact term={t("field.parent")}>
              {found.parents.length > 0
                ? found.parents.map(({ version, relation }) => (
                    <div key={`${relation} ${version}`}>
                      {words.t(`relation.${relation}`)} <VersionLink value={version} />
                    </div>
                  ))
                : null}
            </Fact>
            <Fact term={t("field.seal")}>{found.seal ? t("result.sealed") : t("result.draft")}</Fact>
            <Fact term={t("field.notes")}>{found.notes === "" ? null : <span dir="auto">{found.notes}</span>}</Fact>
            <Fact term={t("result.by")}>
              <bdi>{found.requestedBy.name}</bdi>
            </Fact>
            <Fact term={t("result.created")}>
              <Time at={found.createdAt} />
            </Fact>
            <Fact term={t("result.finished")}>{found.finishedAt ? <Time at={found.finishedAt} /> : null}</Fact>
          </Facts>
        </Panel>
      </div>
    </Page>
  );
}

/** Files, bytes, speed and remaining time, as far as each is known. */
function ImportProgress({ found }: { readonly found: Import }) {
  const { t } = useTranslation("imports");
  const formats = useFormats();
  const { files, bytes, bytesPerSecond, secondsLeft } = found;
  if (bytes.total === null || files.total === null)
    return found.state === "resolving" ? <p className="zg-quiet">{t("resolving")}</p> : null;
  const share = bytes.total === 0 ? (found.state === "done" ? 1 : 0) : bytes.done / bytes.total;
  return (
    <Panel title={t("progress.title")}>
      <div className="zg-stack zg-stack-tight">
        <progress className="zg-meter" value={share} max={1} aria-label={t("progress.label")} />
        <div className="zg-row zg-row-wide zg-number">
          <strong>{formats.share(share)}</strong>
          <span>{t("progress.bytes", { done: formats.bytes(bytes.done), total: formats.bytes(bytes.total) })}</span>
          <span>{t("progress.files", { done: formats.number(files.done), total: formats.number(files.total) })}</span>
          {bytesPerSecond !== null && <span>{t("progress.speed", { speed: formats.bytes(bytesPerSecond) })}</span>}
          {secondsLeft !== null && <span>{t("progress.left", { time: formats.duration(secondsLeft) })}</span>}
        </div>
      </div>
    </Panel>
  );
}
