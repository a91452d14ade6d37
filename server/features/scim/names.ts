/** The names that RFC 7643 and 7644 give to schemas and messages. */
export const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
export const enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
export const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
export const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
export const patchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
export const bulkRequestSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
export const bulkResponseSchema = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/** What a resource is kept as between reading and writing: attributes by their proper names. */
export type Document = Record<string, unknown>;

/** Bounds of one request, as ServiceProviderConfig tells them. */
export const limits = {
  bulkOperations: 1000,
  bodyBytes: 1024 * 1024,
  patchOperations: 1000,
  pageDefault: 100,
  pageMax: 200,
  /** Members of groups in one list; whoever wants more leaves them out with excludedAttributes. */
  listedMembers: 20_000,
} as const;
