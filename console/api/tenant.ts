/** The path of a tenant's door: the organization is always in the address, never in a header or a stored choice. */
export function door(organization: string, path: string): string {
  return `/o/${encodeURIComponent(organization)}/v1${path}`;
}
