import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "../lib/api-problem.js";
import { Page } from "./page.js";
import { ProblemPanel } from "./problem-panel.js";
import { Skeleton } from "./skeleton.js";

interface ReadState<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  readonly refetch: () => unknown;
}
interface ObjectFacesProps<T> {
  readonly read: ReadState<T>;
  readonly children: (data: T) => ReactNode;
}

/** A page about one object: coming, there, failed, or hidden, which looks exactly like missing. */
export function ObjectPage<T>({ read, children }: ObjectFacesProps<T>) {
  const { t } = useTranslation();
  const isHidden = read.error instanceof ApiProblem && read.error.isHidden;
  if (isHidden) return <Page title={t("notFound")}>{t("notFoundRemedy")}</Page>;
  if (read.data !== undefined) return children(read.data);
  if (read.error) {
    return (
      <Page title={t("failed")}>
        <ProblemPanel error={read.error} onRetry={() => void read.refetch()} />
      </Page>
    );
  }
  return <Skeleton rows={8} />;
}

/** The same four faces for a part of a page. */
export function ObjectPart<T>({ read, children }: ObjectFacesProps<T>) {
  if (read.data !== undefined) return children(read.data);
  if (read.error) return <ProblemPanel error={read.error} onRetry={() => void read.refetch()} />;
  return <Skeleton rows={3} />;
}
