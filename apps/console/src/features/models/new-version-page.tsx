import { Button, NativeSelect, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ARTIFACT_KINDS, ArtifactKind, CreateVersion, Model, paths, RELATIONS, Relation, Version, VersionRef } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { useRefParam } from "../../lib/route-param.js";
import { useWords } from "../../lib/words.js";
import { ButtonLink } from "../../ui/button-link.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { Panel } from "../../ui/panel.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { FilePicker, UploadTable } from "../../ui/upload-table.js";
import { useUploads } from "../../ui/use-uploads.js";
import { VersionPicker } from "../../ui/version-picker.js";
import { ViewSwitch } from "../../ui/view-switch.js";
import { ViolationList } from "../../ui/violation-list.js";
import { readPointedFiles } from "./pointed-files.js";

/** Registers a draft version: its files are uploaded here, or named by the digests of bytes uploaded before. */
export function NewVersionPage() {
  const ref = useRefParam();
  const read = useQuery({ queryKey: [paths.model(ref)], queryFn: ({ signal }) => api.get(paths.model(ref), Model, { signal }) });
  return <ObjectPage read={read}>{(model) => <NewVersionForm model={model} />}</ObjectPage>;
}

function NewVersionForm({ model }: { readonly model: Model }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [source, setSource] = useState<"upload" | "point">("upload");
  const [artifactKind, setArtifactKind] = useState<ArtifactKind>("full");
  const [notes, setNotes] = useState("");
  const [pointed, setPointed] = useState("");
  const [parent, setParent] = useState("");
  const [relation, setRelation] = useState<Relation>("finetuned_from");
  const { uploads, add, remove, retry } = useUploads();
  const readPointed = readPointedFiles(pointed);
  const files =
    source === "upload"
      ? uploads.flatMap((upload) => (upload.sha256 && upload.phase === "done" ? [{ path: upload.path, sha256: upload.sha256 }] : []))
      : readPointed.files;
  const isWaiting = source === "upload" && uploads.some((upload) => upload.phase !== "done");
  const parents = VersionRef.safeParse(parent).success ? [{ version: parent, relation }] : [];
  const create = useMutation({
    mutationFn: () => {
      const request: CreateVersion = { artifactKind, files, parents, notes };
      return api.send("POST", paths.versions(model.ref), request, Version);
    },
    onSuccess: async (version) => {
      await queryClient.invalidateQueries({ queryKey: [paths.model(model.ref)] });
      await navigate({ to: to.version(version.ref) });
    },
  });
  const violations = violationsOf(create.error);
  return (
    <Page
      title={t("version.newOf", { ref: model.ref })}
      lead={t("version.newLead")}
      actions={
        <ButtonLink to={to.newImport(model.ref)} variant="default">
          {t("import")}
        </ButtonLink>
      }
    >
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!create.isPending) create.mutate();
        }}
      >
        <ViolationList violations={violations} />
        {create.error && violations.length === 0 ? <ProblemPanel error={create.error} /> : null}
        <Panel
          title={t("version.files")}
          actions={
            <ViewSwitch
              label={t("version.source")}
              value={source}
              onChange={setSource}
              options={[
                { value: "upload", label: t("version.upload") },
                { value: "point", label: t("version.point") },
              ]}
            />
          }
        >
          {source === "upload" ? (
            <div className="zg-stack">
              <FilePicker onFiles={add} />
              <UploadTable uploads={uploads} onRemove={remove} onRetry={retry} />
            </div>
          ) : (
            <Textarea
              label={t("version.pointLabel")}
              description={t("version.pointRule")}
              classNames={{ input: "zg-mono" }}
              autosize
              minRows={4}
              value={pointed}
              onChange={(event) => setPointed(event.currentTarget.value)}
              error={readPointed.badLines.length > 0 ? t("version.pointBad", { lines: readPointed.badLines.join(", ") }) : undefined}
            />
          )}
        </Panel>
        <div className="zg-form">
          <NativeSelect
            label={t("column.artifact")}
            value={artifactKind}
            data={ARTIFACT_KINDS.map((value) => ({ value, label: words.t(`artifactKind.${value}`) }))}
            onChange={(event) => setArtifactKind(ArtifactKind.parse(event.currentTarget.value))}
          />
          <VersionPicker label={t("version.parent")} description={t("version.parentRule")} value={parent} onChange={setParent} />
          {parent !== "" && (
            <NativeSelect
              label={t("version.relation")}
              value={relation}
              data={RELATIONS.map((value) => ({ value, label: words.t(`relation.${value}`) }))}
              onChange={(event) => setRelation(Relation.parse(event.currentTarget.value))}
            />
          )}
          <Textarea
            label={t("version.notes")}
            autosize
            minRows={2}
            value={notes}
            onChange={(event) => setNotes(event.currentTarget.value)}
          />
        </div>
        <div className="zg-row">
          <Button
            type="submit"
            loading={create.isPending}
            disabled={isWaiting || readPointed.badLines.length > 0 || !CreateVersion.safeParse({ files }).success}
          >
            {t("version.create", { count: files.length })}
          </Button>
          {isWaiting && <span className="zg-quiet">{t("version.waiting")}</span>}
        </div>
      </form>
    </Page>
  );
}
