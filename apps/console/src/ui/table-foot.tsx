import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface TableFootProps {
  readonly shown: number;
  readonly hasMore: boolean;
  readonly isLoadingMore: boolean;
  readonly loadMore: () => void;
}

/** How many rows are shown, and the next page. */
export function TableFoot({ shown, hasMore, isLoadingMore, loadMore }: TableFootProps) {
  const { t } = useTranslation();
  return (
    <div className="zg-table-foot">
      <span>{t("rowsShown", { count: shown })}</span>
      {hasMore && (
        <Button variant="default" onClick={loadMore} loading={isLoadingMore}>
          {t("showMore")}
        </Button>
      )}
    </div>
  );
}
