package gateway_test

const toySpec = `openapi: 3.0.3
info: {title: Toy, version: "1"}
servers:
  - url: https://api.toy.example
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody: {$ref: "#/components/requestBodies/Order"}
      responses: {"201": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
    get:
      operationId: listOrders
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: sort, in: query, schema: {type: string, enum: [asc, desc]}}
        - {name: tag, in: query, schema: {type: array, maxItems: 2, items: {type: string}}}
      responses: {"200": {$ref: "#/components/responses/Any"}, default: {$ref: "#/components/responses/Refused"}}
  /orders/{id}:
    parameters: [{$ref: "#/components/parameters/Id"}]
    get:
      operationId: getOrder
      responses: {"200": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
  /orders/{id}/paid:
    parameters: [{$ref: "#/components/parameters/Id"}]
    get:
      operationId: awaitPaid
      responses: {"200": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
  /slow:
    post:
      operationId: slowOrder
      requestBody: {$ref: "#/components/requestBodies/Order"}
      responses: {"201": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
  /later:
    post:
      operationId: laterOrder
      responses: {"201": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
    put:
      operationId: laterOrderAgain
      x-mockbank-operation: laterOrder
      responses: {"201": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
  /broken:
    post:
      operationId: brokenOrder
      responses: {"201": {$ref: "#/components/responses/Made"}, "500": {$ref: "#/components/responses/Refused"}}
  /panic:
    post:
      operationId: panicOrder
      responses: {"201": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
  /refused:
    post:
      operationId: refusedOrder
      responses: {"201": {$ref: "#/components/responses/Made"}, default: {$ref: "#/components/responses/Refused"}}
  /strict:
    get:
      operationId: strict
      responses: {"200": {$ref: "#/components/responses/Any"}}
  /envelope:
    post:
      operationId: envelope
      requestBody: {required: true, content: {text/plain: {schema: {type: string}}}}
      responses: {default: {description: An envelope., content: {text/plain: {}}}}
  /nothing:
    get:
      operationId: nothing
      responses: {"204": {description: Nothing.}}
  /echo:
    post:
      operationId: echoJSON
      x-mockbank-operation: echo
      requestBody: {$ref: "#/components/requestBodies/Thing"}
      responses: {"200": {$ref: "#/components/responses/Any"}, default: {$ref: "#/components/responses/Refused"}}
  /form:
    post:
      operationId: echoForm
      x-mockbank-operation: echo
      requestBody:
        required: true
        content: {application/x-www-form-urlencoded: {schema: {type: object}}}
      responses: {"200": {$ref: "#/components/responses/Any"}, default: {$ref: "#/components/responses/Refused"}}
  /optional:
    post:
      operationId: echoOptional
      x-mockbank-operation: echo
      requestBody:
        content: {application/json: {schema: {type: object}}}
      responses: {"200": {$ref: "#/components/responses/Any"}, default: {$ref: "#/components/responses/Refused"}}
  /open/echo:
    post:
      operationId: echoOpen
      x-mockbank-operation: echo
      requestBody: {$ref: "#/components/requestBodies/Thing"}
      responses: {"200": {$ref: "#/components/responses/Any"}, default: {$ref: "#/components/responses/Refused"}}
  /where:
    get:
      operationId: whereRoot
      x-mockbank-operation: where
      responses: {"200": {$ref: "#/components/responses/Any"}}
  /where/{name}:
    parameters: [{$ref: "#/components/parameters/Name"}]
    get:
      operationId: whereNamed
      x-mockbank-operation: where
      responses: {"200": {$ref: "#/components/responses/Any"}}
  /.well-known/toy:
    get:
      operationId: whereKnown
      x-mockbank-operation: where
      responses: {"200": {$ref: "#/components/responses/Any"}}
  /.well-known/toy/tenants/{name}:
    parameters: [{$ref: "#/components/parameters/Name"}]
    get:
      operationId: whereKnownTenant
      x-mockbank-operation: where
      responses: {"200": {$ref: "#/components/responses/Any"}}
  /pages-where:
    get:
      operationId: wherePages
      x-mockbank-face: toy-pages
      x-mockbank-operation: where
      responses: {"200": {$ref: "#/components/responses/Any"}}
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string, pattern: "^[0-9a-f-]{36}$"}}
    Name: {name: name, in: path, required: true, schema: {type: string}}
  requestBodies:
    Order:
      required: true
      content:
        application/json:
          schema:
            type: object
            additionalProperties: false
            required: [ref]
            properties: {ref: {type: string}, amount: {type: integer, minimum: 0}}
    Thing:
      required: true
      content: {application/json: {schema: {type: object}}}
  responses:
    Any: {description: Anything., content: {application/json: {schema: {type: object}}}}
    Refused: {description: Refused., content: {application/json: {schema: {type: object, required: [kind, message], properties: {kind: {type: string}}}}}}
    Made:
      description: An order.
      content:
        application/json:
          schema: {type: object, required: [id, state], properties: {id: {type: string}, state: {type: string}}}
`
