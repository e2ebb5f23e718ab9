import { Button, Textarea } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type CreateDatasetVersion, Dataset, DatasetVersion, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { violationsOf } from "../../lib/api-problem.js";
import { to } from "../../lib/console-paths.js";
import { useRefParam } from "../../lib/route-param.js";
import { ObjectPage } from "../../ui/object-faces.js";
import { Page } from "../../ui/page.js";
import { ProblemPanel } from "../../ui/problem-panel.js";
import { FilePicker, UploadTable } from "../../ui/upload-table.js";
import { useUploads } from "../../ui/use-uploads.js";
import { ViolationList } from "../../ui/violation-list.js";

/** Uploads a JSON-lines file as the next version; every row is checked, and a broken one is named by its line. */
export function NewDatasetVersionPage() {
  const ref = useRefParam();
  const read = useQuery({ queryKey: [paths.dataset(ref)], queryFn: ({ signal }) => api.get(paths.dataset(ref), Dataset, { signal }) });
  return <ObjectPage read={read}>{(dataset) => <UploadForm dataset={dataset} />}</ObjectPage>;
}

function UploadForm({ dataset }: { readonly dataset: Dataset }) {
  const { t } = useTranslation("datasets");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [notes, setNotes] = useState("");
  const { uploads, add, remove, retry } = useUploads();
  const chosen = uploads.at(-1);
  const create = useMutation({
    mutationFn: (request: CreateDatasetVersion) => api.send("POST", paths.datasetVersions(dataset.ref), request, DatasetVersion),
    onSuccess: async (version) => {
      await queryClient.invalidateQueries({ queryKey: [paths.dataset(dataset.ref)] });
      await navigate({ to: to.datasetVersion(version.ref) });
    },
  });
  const violations = violationsOf(create.error);
  const isReady = chosen?.phase === "done" && chosen.sha256 !== null;
  return (
    <Page title={t("version.newOf", { ref: dataset.ref })} lead={t(`version.lead.${dataset.format}`)}>
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && chosen.sha256 && !create.isPending) create.mutate({ sha256: chosen.sha256, notes });
        }}
      >
        <ViolationList violations={violations} />
        {create.error && violations.length === 0 ? <ProblemPanel error={create.error} /> : null}
        <FilePicker
          multiple={false}
          accept=".jsonl,.json,.txt"
          onFiles={(files) => {
            for (const upload of uploads) remove(upload.id);
            create.reset();
            add(files.slice(0, 1));
          }}
        />
        <UploadTable uploads={uploads} onRemove={remove} onRetry={retry} />
        <div className="zg-form">
          <Textarea label={t("field.notes")} autosize minRows={2} value={notes} onChange={(event) => setNotes(event.currentTarget.value)} />
          <div>
            <Button type="submit" disabled={!isReady} loading={create.isPending}>
              {t("version.create")}
            </Button>
          </div>
        </div>
      </form>
    </Page>
  );
}
