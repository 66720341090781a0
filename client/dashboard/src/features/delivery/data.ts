import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";

graphql(`
  fragment DeliveryRow on WebhookDelivery {
    id
    event
    action
    deliveryId
    outcome
    error
    attempts
    duplicates
    bodyBytes
    receivedAt
    processedAt
    durationMs
    integration {
      id
      name
    }
  }
`);

export const DeliveriesDocument = graphql(`
  query Deliveries($projectId: ID!, $integrationId: ID, $outcome: [DeliveryOutcome!], $first: Int, $after: String) {
    webhookDeliveries(projectId: $projectId, integrationId: $integrationId, outcome: $outcome, first: $first, after: $after) {
      edges {
        node {
          ...DeliveryRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const DeliveryDocument = graphql(`
  query Delivery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on WebhookDelivery {
        ...DeliveryRow
        headers
        contentType
        payload
        payloadText
      }
    }
  }
`);

export const ReprocessDocument = graphql(`
  mutation Reprocess($input: ReprocessDeliveryInput!) {
    reprocessDelivery(input: $input) {
      __typename
      ... on ReprocessDeliveryPayload {
        delivery {
          ...DeliveryRow
        }
      }
      ...Refusal
    }
  }
`);
