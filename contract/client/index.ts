export { ApiProblem, type ProblemSaid } from "./api-problem.ts";
export {
  type Client,
  type ClientOptions,
  everyItem,
  type Fetch,
  openClient,
  type OperationName,
} from "./open-client.ts";
export type * from "../generated/api.ts";
