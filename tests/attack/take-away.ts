import type { Client } from "pg";
import { expect } from "vitest";
import { attack } from "./attack.ts";
import { valueOf } from "./attack-ground.ts";

/** Takes a defence away, and returns how to put it back. */
export type Gone = (superuser: Client) => Promise<() => Promise<unknown>>;

type Matters = (
  id: string,
  defence: string,
  expected: readonly [string, string],
  attempt: () => Promise<string>,
  gone: Gone,
) => void;

/** Declares attacks that run with the defence, and again while it is gone; `expected` are the two outcomes. */
export function mattersOn(superuser: () => Client): Matters {
  return (id, defence, expected, attempt, gone) => {
    const [withIt, without] = expected;
    const title = `without ${defence}`;
    attack({ id: `M-${id}`, title, expected: `${withIt} with it, ${without} without` }, async () => {
      const first = await attempt();
      const restore = await gone(superuser());
      try {
        const second = await attempt();
        expect([first, second]).toEqual(expected);
        return `${first}, then ${second}`;
      } finally {
        await restore();
      }
    });
  };
}

/** The same of a limit of time: seen first with it made short, then as it is, where the attempt comes in time. */
export function timelyOn(superuser: () => Client): Matters {
  return (id, defence, expected, late, short) => {
    const [withIt, without] = expected;
    const title = `without ${defence}`;
    attack({ id: `M-${id}`, title, expected: `${withIt} with it, ${without} without` }, async () => {
      const first = await late().finally(await short(superuser()));
      const second = await late();
      expect([first, second]).toEqual(expected);
      return `${first}, then ${second}`;
    });
  };
}

/** A defence that one statement takes away, and another puts back. */
export function sql(take: string, back: string): Gone {
  return async (superuser) => {
    await superuser.query(take);
    return () => superuser.query(back);
  };
}

/** An expression is for what versions of PostgreSQL print differently, and needs its flag g. */
type Piece = readonly [piece: string | RegExp, instead: string];

/** The function as it is, less a piece of its text, wherever that stands. */
export function less(name: string, ...pieces: readonly Piece[]): Gone {
  return async (superuser) => {
    const whole = String(await valueOf(superuser, "select pg_get_functiondef($1::regprocedure)", [name]));
    await superuser.query(lame(whole, pieces));
    return () => superuser.query(whole);
  };
}

/** The same of a view that is a security barrier. */
export function lessOfView(name: string, ...pieces: readonly Piece[]): Gone {
  return async (superuser) => {
    const whole = String(await valueOf(superuser, "select pg_get_viewdef($1::regclass)", [name]));
    const create = `create or replace view ${name} with (security_barrier = true) as `;
    await superuser.query(create + lame(whole, pieces));
    return () => superuser.query(create + whole);
  };
}

function lame(whole: string, pieces: readonly Piece[]): string {
  return pieces.reduce((text, [piece, instead]) => {
    const lacking = text.replaceAll(piece, () => instead);
    expect(lacking, `without ${String(piece)}`).not.toBe(text);
    return lacking;
  }, whole);
}

/** Several defences that stand for each other. */
export function both(...all: readonly Gone[]): Gone {
  return async (superuser) => {
    const restores: (() => Promise<unknown>)[] = [];
    const restored = async (): Promise<void> => {
      for (const restore of restores) await restore();
    };
    try {
      for (const gone of all) restores.unshift(await gone(superuser));
    } catch (error) {
      await restored();
      throw error;
    }
    return restored;
  };
}
