/**
 * Which of Twilio's path words come straight after which other one. After every other word stands what somebody chose: a
 * SID, a number, a name. So `Documents/Config` is a document of that name, and `IncomingPhoneNumbers/Local` is a list.
 * From the path templates of the Node SDK, and, for what the SDK leaves out, from Twilio's documentation.
 */
export const WORD_PAIRS: ReadonlyArray<readonly [word: string, next: string]> = [
  ['Account', 'OAuthApps'], ['AccountDefaultConfiguration', 'Recording'], ['ApprovalRequests', 'whatsapp'],
  ['Assessments', 'Comments'], ['Attempts', 'Summary'], ['Auth', 'Calls Registrations'],
  ['AuthTokens', 'Promote Secondary'], ['CallerIds', 'SmsVerificationChecks SmsVerifications VoiceVerifications'],
  ['Calls', 'CredentialListMappings IpAccessControlListMappings'], ['Channels', 'Senders'], ['Compliance', 'Usa2p'],
  ['ComplianceInquiries', 'Customers Registration Tollfree'], ['CompositionSettings', 'Default'],
  ['Configuration', 'Addresses Notifications Webhook Webhooks'], ['Configurations', 'Recording Transcription'],
  ['Consents', 'Bulk'], ['Contacts', 'Bulk'],
  ['ControlPlane', 'Configurations ConversationInsights KnowledgeBases Operations Operators Stores'],
  ['ConversationInsights', 'CustomFieldMappings CustomFieldMappingsCapacity'],
  ['Conversations', 'Metadata Query QueryJobs'], ['Credentials', 'AWS PublicKeys'], ['Customers', 'Initialize'],
  ['DialingPermissions', 'BulkCountryUpdates Countries'], ['Eligibility', 'Bulk'], ['Emails', 'Operations'],
  ['Exports', 'Jobs'], ['Flows', 'Validate'], ['HostedNumber', 'AuthorizationDocuments Eligibility Orders'],
  ['HostedNumbers', 'HostedNumberOrders'], ['IncomingPhoneNumbers', 'Local Mobile TollFree'],
  ['Indicators', 'Typing'], ['Insights', 'Conversations QualityManagement Segments Session UserRoles'],
  ['InsightsDomains', 'Conversations'], ['LinkShortening', 'Domains MessagingService MessagingServices'],
  ['Messages', 'Operations'], ['Messaging', 'Countries GeoPermissions'], ['OperatorResults', 'Encrypted'],
  ['Operators', 'Custom PreBuilt'], ['Orders', 'Bulk'],
  ['Passkeys', 'ApproveChallenge Challenges Factors VerifyFactor'], ['PhoneNumbers', 'Countries Inbound Outbound'],
  ['PluginService', 'Configurations Plugins Releases'], ['PortIn', 'PortInRequests'], ['Portability', 'PhoneNumber'],
  ['Porting', 'Configuration PortIn Portability'], ['Profiles', 'Bulk Imports Lookup'],
  ['QualityManagement', 'Assessments Categories Questionnaires Questions Settings'], ['RateLimits', 'Fields'],
  ['RecordingSettings', 'Default'], ['Records', 'AllTime Daily LastMonth Monthly ThisMonth Today Yearly Yesterday'],
  ['Registration', 'RegulatoryCompliance'], ['Registrations', 'CredentialListMappings'],
  ['RegulatoryCompliance', 'Bundles EndUserTypes EndUsers Regulations SupportingDocumentTypes SupportingDocuments'],
  ['Reports', 'PhoneNumbers'], ['SIP', 'CredentialLists Domains IpAccessControlLists'],
  ['SMS', 'Messages ShortCodes'], ['SafeList', 'Numbers'], ['Sentences', 'Encrypted'],
  ['Services', 'PreregisteredUsa2p Usecases'], ['Settings', 'AnswerSets CommentTags'],
  ['ShortCodes', 'Applications'], ['SigningRequest', 'Configuration'],
  ['TaskQueues', 'RealTimeStatistics Statistics'], ['Tollfree', 'Initialize Verifications'],
  ['Trunking', 'Countries Numbers'], ['Usa2p', 'Usecases'], ['Usage', 'Records Triggers'], ['Video', 'Rooms'],
  ['Voice', 'Countries Numbers Reports Settings Summaries'],
  ['Workers', 'CumulativeStatistics RealTimeStatistics Statistics'], ['a2p', 'BrandRegistrations'],
  ['account', 'provision'], ['batch', 'query'], ['provision', 'status'], ['scim', 'Users']]
