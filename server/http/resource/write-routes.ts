import { sha256, uuidv7 } from "../../foundation/ids/index.ts";
import type { Result, Transaction } from "../../foundation/database/index.ts";
import { Problem } from "../../foundation/problem/index.ts";
import {
  changeSchema,
  givenSchema,
  shownSchema,
  statementsOf,
  type Values,
} from "../../kernel/resource/index.ts";
import type { TenantScope } from "../../kernel/tenancy/index.ts";
import type { Asked } from "../asked.ts";
import { type Needs, route, type TenantRoute } from "../route.ts";
import { keptAndSealed, need, pathOf, readNeeds, type ResourceDoors, whyNot } from "./resource-doors.ts";

/** The doors that write one record: create, change, archive, restore. */
export function writeRoutes(doors: ResourceDoors): TenantRoute[] {
  const { resource } = doors;
  const at = pathOf(doors);
  const statements = statementsOf(resource);
  const shown = shownSchema(resource);
  const also = (action: "create" | "change" | "archive"): Needs => [
    ...readNeeds(resource),
    ...(action === "archive" ? [] : (doors.prepareNeeds ?? [])),
    need(resource, action),
  ];
  const name = resource.name;
  return [
    route({
      method: "POST",
      path: at,
      summary: `Add one to the ${resource.many}`,
      operation: `create_${name}`,
      needs: also("create"),
      body: givenSchema(resource),
      conditions: ["Idempotency-Key"],
      status: 201,
      answer: shown,
      handle: async ({ scope, body, request, respond }) => {
        const record = await create(doors, scope, body, request);
        respond.etag(Number(record["version"]));
        return record;
      },
    }),
    route({
      method: "PATCH",
      path: `${at}/:id`,
      summary: `Change one of the ${resource.many}; If-Match names the version that you saw`,
      operation: `change_${name}`,
      needs: also("change"),
      body: changeSchema(resource),
      conditions: ["If-Match"],
      answer: shown,
      handle: async ({ scope, params, body, request, respond }) => {
        const id = params.id;
        const version = request.ifMatch();
        const [changed, state] = await scope.tx(async (t, entered) => {
          const values = await keptAndSealed(doors, t, entered, id, body);
          return t.batch([statements.change(id, version, values), statements.state(id)]);
        });
        const record = changed?.rows[0];
        if (record === undefined) throw whyNot(state, version);
        respond.etag(Number(record["version"]));
        return record;
      },
    }),
    ...(["archive", "restore"] as const).map((act) =>
      route({
        method: "POST",
        path: `${at}/:id/${act}`,
        summary:
          act === "archive"
            ? `Archive one of the ${resource.many}; it can be restored for ${resource.keepArchivedDays} days`
            : `Bring one of the ${resource.many} back from the archive`,
        operation: `${act}_${name}`,
        needs: also("archive"),
        conditions: ["If-Match"],
        answer: shown,
        handle: async ({ scope, params, request, respond }) => {
          const id = params.id;
          const version = request.ifMatch();
          const [done, state, record] = await scope.batch([
            statements.setArchived([id], [version], act === "archive"),
            statements.state(id),
            statements.read(id),
          ]);
          if (done?.rows.length !== 1) throw whyNot(state, version);
          const shownNow = record?.rows[0];
          if (shownNow === undefined) throw new Problem("not-found");
          respond.etag(Number(shownNow["version"]));
          return shownNow;
        },
      }),
    ),
  ];
}

/** With an Idempotency-Key, a second try finds the first one's record and makes none. */
async function create(
  doors: ResourceDoors,
  scope: TenantScope,
  body: Values,
  request: Asked,
): Promise<Record<string, unknown>> {
  const statements = statementsOf(doors.resource);
  const key = request.idempotencyKey();
  const id = uuidv7();
  return scope.tx(async (t, entered) => {
    if (key !== null) {
      const earlier = await claim(t, key, body);
      if (earlier !== null) return firstRow(await t.run(statements.read(earlier)));
    }
    const values = await keptAndSealed(doors, t, entered, id, body);
    const record = firstRow(await t.run(statements.create(id, values)));
    if (key !== null)
      await t.run({ text: "select kernel.settle_idempotency($1, 201::smallint, $2)", values: [key, id] });
    return record;
  });
}

async function claim(t: Transaction, key: string, body: Values): Promise<string | null> {
  const hash = sha256(JSON.stringify(body));
  const { rows } = await t.run({
    text: "select (kernel.claim_idempotency($1, $2)).resource_id as id",
    values: [key, hash],
  });
  const id = rows[0]?.["id"];
  return typeof id === "string" ? id : null;
}

function firstRow({ rows }: Result): Record<string, unknown> {
  const [row] = rows;
  if (row === undefined) throw new Problem("not-found");
  return row;
}
