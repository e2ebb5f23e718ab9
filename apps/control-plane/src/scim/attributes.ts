/** An attribute as RFC 7643, section 7 describes it; what is left out is the default there. */
export interface Attribute {
  readonly name: string;
  readonly type: "string" | "boolean" | "complex" | "reference";
  readonly description: string;
  readonly multiValued?: true;
  readonly required?: true;
  readonly caseExact?: true;
  readonly mutability?: "readOnly" | "immutable";
  readonly uniqueness?: "server";
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

/** One kind of resource: what of it we keep. Anything else that a client sends is passed over, as the protocol has it. */
export interface ResourceType {
  readonly name: "User" | "Group";
  readonly schema: string;
  readonly endpoint: "/Users" | "/Groups";
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: "string",
  description,
  ...more,
});

export const USER: ResourceType = {
  name: "User",
  schema: "urn:ietf:params:scim:schemas:core:2.0:User",
  endpoint: "/Users",
  description: "A person of the institution",
  attributes: [
    text("userName", "The e-mail address that the person signs in with", { required: true, uniqueness: "server" }),
    {
      name: "name",
      type: "complex",
      description: "The parts of the person's name",
      subAttributes: [text("formatted", "The full name"), text("familyName", "The family name"), text("givenName", "The given name")],
    },
    text("displayName", "The name that is shown"),
    { name: "active", type: "boolean", description: "Whether the person may sign in" },
    {
      name: "emails",
      type: "complex",
      description: "Addresses as the directory has them",
      multiValued: true,
      subAttributes: [
        text("value", "The address"),
        text("display", "How it is shown"),
        text("type", "What it is for", { canonicalValues: ["work", "home", "other"] }),
        { name: "primary", type: "boolean", description: "Whether it is the first to use" },
      ],
    },
    {
      name: "groups",
      type: "complex",
      description: "The groups that the person is in; changed through them",
      multiValued: true,
      mutability: "readOnly",
      subAttributes: [
        text("value", "Id of the group", { caseExact: true, mutability: "readOnly" }),
        { name: "$ref", type: "reference", description: "Address of the group", mutability: "readOnly", referenceTypes: ["Group"] },
        text("display", "Name of the group", { mutability: "readOnly" }),
      ],
    },
  ],
};

export const GROUP: ResourceType = {
  name: "Group",
  schema: "urn:ietf:params:scim:schemas:core:2.0:Group",
  endpoint: "/Groups",
  description: "People to whom an administrator of the institution may give roles together",
  attributes: [
    text("displayName", "The name of the group", { required: true, uniqueness: "server" }),
    {
      name: "members",
      type: "complex",
      description: "The people in it",
      multiValued: true,
      subAttributes: [
        text("value", "Id of the person", { caseExact: true, mutability: "immutable" }),
        { name: "$ref", type: "reference", description: "Address of the person", mutability: "immutable", referenceTypes: ["User"] },
        text("type", "Always User: groups in groups are not kept", { mutability: "immutable", canonicalValues: ["User"] }),
      ],
    },
  ],
};

/** What every resource has (RFC 7643, section 3.1); `externalId` alone is the client's to write. */
export const COMMON: readonly Attribute[] = [
  text("id", "Id of the resource", { caseExact: true, mutability: "readOnly" }),
  text("externalId", "Id in the directory", { caseExact: true }),
  { name: "meta", type: "complex", description: "Facts about the resource", mutability: "readOnly" },
  { name: "schemas", type: "reference", description: "Schemas of the resource", multiValued: true, mutability: "readOnly" },
];

/** The attribute of this name, in any case of letters. */
export function attributeOf(attributes: readonly Attribute[], name: string): Attribute | undefined {
  const wanted = name.toLowerCase();
  return attributes.find((attribute) => attribute.name.toLowerCase() === wanted);
}
