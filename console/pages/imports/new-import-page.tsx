import "@mantine/core/styles/SegmentedControl.css";
import "./imports.css";
import { Button, SegmentedControl } from "@mantine/core";
import { IconFileTypeCsv } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef, useState, type DragEvent, type ReactNode } from "react";
import { uploadImport } from "../../api/imports.ts";
import { useHere } from "../../frame/here.tsx";
import { FormProblem } from "../../parts/form-problem.tsx";
import { Column, Page } from "../../parts/page.tsx";
import { ProgressBar } from "../../parts/progress-bar.tsx";

type Resource = "contact" | "account";

/** The beginning of an import: what the rows are, and the file. */
export function NewImportPage(): ReactNode {
  const [resource, setResource] = useState<Resource>("contact");
  const upload = useUpload(resource);
  return (
    <Page title="New import">
      <Column lead="The file is checked before anything is written. Nothing leaves this organization.">
        <FormProblem error={isAbort(upload.error) ? null : upload.error} />
        <fieldset className="rf-import__choice">
          <legend>Each row of the file is</legend>
          <SegmentedControl
            value={resource}
            onChange={(value) => setResource(value === "account" ? "account" : "contact")}
            data={[
              { value: "contact", label: "a contact" },
              { value: "account", label: "an account" },
            ]}
            disabled={upload.file !== null}
          />
        </fieldset>
        {upload.file === null ? (
          <DropZone onFile={upload.begin} />
        ) : (
          <Uploading file={upload.file} sent={upload.sent} onCancel={upload.cancel} />
        )}
        <ul className="rf-import__facts">
          <li>Exports of Salesforce, HubSpot, Outlook and Google are recognised.</li>
          <li>Comma, semicolon or tab, UTF-8 or Windows encoding: found out by themselves.</li>
          <li>Existing contacts are told by their e-mail address, accounts by their domain.</li>
        </ul>
      </Column>
    </Page>
  );
}

function DropZone({ onFile }: { readonly onFile: (file: File) => void }): ReactNode {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file !== undefined) onFile(file);
  };
  return (
    <div
      className="rf-drop"
      data-over={over}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <IconFileTypeCsv size={34} stroke={1.4} aria-hidden />
      <p>Drop a CSV file here</p>
      <Button onClick={() => input.current?.click()}>Choose a file</Button>
      <input
        ref={input}
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/tab-separated-values"
        className="rf-hidden"
        aria-label="The CSV file"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file !== undefined) onFile(file);
        }}
      />
    </div>
  );
}

function Uploading({
  file,
  sent,
  onCancel,
}: {
  readonly file: File;
  readonly sent: number;
  readonly onCancel: () => void;
}): ReactNode {
  const { formats } = useHere();
  const label = `Uploading ${file.name}`;
  return (
    <div className="rf-card rf-card--padded rf-stack rf-stack--tight">
      <p>{label}</p>
      <ProgressBar label={label} share={file.size === 0 ? 1 : sent / file.size} />
      <div className="rf-row">
        <span className="rf-dim rf-small rf-num rf-grow">
          {formats.bytes(sent)} of {formats.bytes(file.size)}
        </span>
        <Button variant="default" size="compact-sm" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

function useUpload(resource: Resource) {
  const { slug } = useHere();
  const navigate = useNavigate();
  const [file, setFile] = useState<File | null>(null);
  const [sent, setSent] = useState(0);
  const abort = useRef<AbortController | null>(null);
  const { mutate, error } = useMutation({
    mutationFn: (chosen: File) => {
      abort.current = new AbortController();
      return uploadImport({
        organization: slug,
        resource,
        file: chosen,
        onProgress: setSent,
        signal: abort.current.signal,
      });
    },
    onMutate: (chosen) => {
      setFile(chosen);
      setSent(0);
    },
    onSuccess: ({ id }) =>
      navigate({ to: "/o/$organization/imports/$id", params: { organization: slug, id }, replace: true }),
    onError: () => setFile(null),
  });
  return { file, sent, error, begin: mutate, cancel: () => abort.current?.abort() };
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
