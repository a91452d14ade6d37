import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { configurationPage, envExample, explain, readConfig, secretValues, warningsOf } from "./index.ts";
import { settingEntries } from "./settings.ts";

const key = Buffer.from(Array.from({ length: 32 }, (_, at) => at * 7)).toString("base64");

describe("what is shown", () => {
  const env = {
    PORT: "8080",
    DATABASE_URL: "postgres://u:can%40ary@db.example.com/crm?sslmode=require",
    RINGFENCE_SECRET: key,
    RINGFENCE_SMTP_URL: "smtps://u:canary2@mx.example.com",
    RINGFENCE_MAIL_FROM: "a@example.com",
  };

  test("no way of printing shows a secret", () => {
    const config = readConfig(env);
    const printed = [
      JSON.stringify(config),
      inspect(config),
      inspect({ config }),
      JSON.stringify(explain(config)),
    ];
    for (const text of printed) {
      expect(text).not.toMatch(/can%40ary|can@ary|canary2/);
      expect(text).not.toContain(key);
      expect(text).toContain("8080");
    }
  });

  test("the log is told every secret, with the passwords inside URLs", () => {
    expect(secretValues(readConfig(env))).toEqual([
      env.DATABASE_URL,
      "can%40ary",
      "can@ary",
      key,
      env.RINGFENCE_SMTP_URL,
      "canary2",
      "canary2",
    ]);
  });

  test("explain names each value's source", () => {
    const lines = explain(readConfig(env));
    expect(lines).toHaveLength(settingEntries.length);
    expect(lines[0]).toMatchObject({ setting: "PORT", value: "8080", source: "environment" });
    expect(lines[1]).toMatchObject({ setting: "RINGFENCE_HOST", value: "127.0.0.1", source: "default" });
    expect(lines[3]).toMatchObject({
      setting: "DATABASE_URL",
      value: "(set, not shown)",
      source: "environment",
    });
  });

  test("doubtful settings are warned about", () => {
    const config = readConfig({
      RINGFENCE_HOST: "0.0.0.0",
      DATABASE_URL: "postgres://u@db.example.com/crm",
      REDIS_URL: "redis://redis.internal",
      RINGFENCE_SMTP_URL: "smtp://relay.internal:25?tls=off",
      RINGFENCE_MAIL_FROM: "a@example.com",
    });
    expect(warningsOf(config).map(({ name }) => name)).toEqual([
      "RINGFENCE_PUBLIC_URL",
      "DATABASE_URL",
      "RINGFENCE_SMTP_URL",
      "REDIS_URL",
    ]);
    const lone = readConfig({ RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN: "refuse" });
    expect(warningsOf(lone).map(({ name }) => name)).toEqual(["RINGFENCE_LIMIT_WHEN_REDIS_IS_DOWN"]);
  });

  test(".env.example is what the list says; npm run docs writes it", () => {
    expect(readFileSync(new URL("../../../.env.example", import.meta.url), "utf8")).toBe(envExample());
  });

  test("the configuration page has a row for every setting", () => {
    for (const [, { env: name }] of settingEntries) expect(configurationPage()).toContain(`| \`${name}\``);
  });
});
