package spec

const thingsYAML = `# things
openapi: 3.0.3
info:
  title: Things
  version: "1"
servers:
  - url: https://real.example
    # a comment in the servers
    description: real

  - url: https://other.example
paths:
  /z/{id}:
    parameters:
      - name: id
        in: path
        required: true
        schema: { type: string, pattern: "^[a-z]{3}$" }
    get:
      operationId: getZ
      parameters:
        - name: limit
          in: query
          schema: { type: integer, minimum: 1, maximum: 250 }
        - name: tag
          in: query
          required: true
          schema: { type: array, items: { type: string, enum: [a, b] }, maxItems: 2 }
        - name: csv
          in: query
          explode: false
          schema: { type: array, items: { type: integer } }
        - name: deep
          in: query
          schema: { type: boolean }
        - name: x-trace
          in: header
          schema: { type: string, maxLength: 3 }
      responses:
        "200":
          description: ok
          headers:
            X-Count:
              required: true
              schema: { type: integer }
          content:
            application/json:
              schema: { $ref: "#/components/schemas/thing" }
        "204": { description: nothing }
        4XX:
          description: refused
          content:
            application/problem+json:
              schema: { type: object }
  /a:
    post:
      operationId: createAV1
      x-mockbank-operation: createA
      tags: [things]
      requestBody:
        required: true
        content:
          application/json:
            schema: { $ref: "#/components/schemas/thing" }
            example: { zulu: a, mike: 3, alpha: { when: "2026-01-15T10:30:00Z" } }
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [count]
              properties:
                count: { type: integer }
                flags: { type: array, items: { type: boolean } }
                name: { type: string }
      responses:
        default: { description: anything }
    delete:
      operationId: deleteA
      responses:
        "204": { description: gone }
components:
  schemas:
    base:
      type: object
      required: [zeta]
      properties:
        zeta: { type: string, minLength: 1, maxLength: 70 }
      example: { zeta: z }
    thing:
      type: object
      additionalProperties: false
      required: [zulu, alpha, mike]
      properties:
        zulu: { type: string, pattern: "^\\u00e9*[a-z]+$", maxLength: 4 }
        mike: { type: integer, minimum: 1, maximum: 10 }
        alpha:
          type: object
          required: [when]
          properties:
            when: { type: string, format: date-time }
            day: { type: string, format: date }
            kind: { type: string, enum: [big, small], nullable: true }
        list:
          type: array
          minItems: 1
          maxItems: 3
          uniqueItems: true
          items: { $ref: "#/components/schemas/base" }
        amount: { type: number, format: money, minimum: 0, exclusiveMinimum: true }
        both:
          allOf:
            - $ref: "#/components/schemas/base"
            - type: object
              properties:
                beta: { type: boolean }
        "a/b~c": { type: string }
        either:
          anyOf:
            - type: string
            - type: boolean
        tree: { $ref: "#/components/schemas/tree" }
        more:
          type: object
          additionalProperties: { type: integer, multipleOf: 5 }
          minProperties: 1
          maxProperties: 2
    tree:
      type: object
      properties:
        left: { $ref: "#/components/schemas/tree" }
        size: { type: integer }
    Settings:
      type: object
      properties:
        second: { type: string, default: "60s", format: duration }
        first: { type: boolean, default: false }
        group:
          type: object
          properties:
            inner: { type: string, default: x }
            none: { type: string }
`
