const verbs: Readonly<Record<string, string>> = {
  create: "created",
  insert: "created",
  change: "changed",
  update: "changed",
  archive: "archived",
  restore: "restored",
  erase: "erased",
  delete: "erased",
  purge: "erased",
  import: "imported",
  export: "exported",
  read: "read",
  join: "joined",
  "sign-in": "signed in",
  "sign-out": "signed out",
  "sign-in-refused": "was refused at sign-in",
  "session-end": "ended a session",
  "remember-device": "had a browser remembered",
  "forget-device": "had a browser forgotten",
  ask: "asked for",
  grant: "gave",
  enter: "came in as",
  look: "looked at",
  end: "ended",
  leave: "left as",
  "ask-emergency": "asked for emergency",
  "confirm-emergency": "confirmed emergency",
};

/** An audited action as a verb in the past: `change` and `contact.change` are both "changed". */
export function actionWord(action: string): string {
  const last = action.slice(action.lastIndexOf(".") + 1);
  return verbs[action] ?? verbs[last] ?? last.replaceAll("-", " ");
}
