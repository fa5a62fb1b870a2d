package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"

	"decoded.digital/extractor/models"
)

// Azure keeps bytes as block blobs of one container.
type Azure struct {
	client    *azblob.Client
	container string
	// key signs addresses; nil where the account's key is not known.
	key *azblob.SharedKeyCredential
}

// NewAzure uses a container of the account at address, and makes it if needed.
// The address is a connection string, an account's URL with a shared access
// signature, or its URL alone: then the identity of the machine is used
// (azidentity's DefaultAzureCredential).
func NewAzure(ctx context.Context, address, container string) (*Azure, error) {
	client, err := azureClient(address)
	if err != nil {
		return nil, err
	}
	_, err = client.CreateContainer(ctx, container, nil)
	if err != nil && !bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
		return nil, fmt.Errorf("make the container %s: %w", container, reason(err))
	}
	key, err := accountKey(address)
	if err != nil {
		return nil, err
	}
	return &Azure{client: client, container: container, key: key}, nil
}

// accountKey is the account's key of a connection string.
func accountKey(address string) (*azblob.SharedKeyCredential, error) {
	values := map[string]string{}
	for part := range strings.SplitSeq(address, ";") {
		name, value, _ := strings.Cut(part, "=")
		values[name] = value
	}
	if values["AccountKey"] == "" {
		return nil, nil //nolint:nilnil // an address without a key is none that can sign
	}
	key, err := azblob.NewSharedKeyCredential(values["AccountName"], values["AccountKey"])
	if err != nil {
		return nil, errors.New("the AccountKey is not base64")
	}
	return key, nil
}

// CanSign says whether SignedURL can be used: the account's key is known.
func (a *Azure) CanSign() bool { return a.key != nil }

// SignedURL is an address at which anyone can fetch the bytes under key until
// expires, as a download with the name and type given (a service shared access
// signature, whose rscd and rsct override what the storage would say).
func (a *Azure) SignedURL(key, name, kind string, expires time.Time) (string, error) {
	protocol := sas.ProtocolHTTPS
	if strings.HasPrefix(a.client.URL(), "http:") { // an emulator
		protocol = sas.ProtocolHTTPSandHTTP
	}
	query, err := sas.BlobSignatureValues{
		Protocol: protocol, ExpiryTime: expires.UTC(), ContainerName: a.container, BlobName: key,
		Permissions:        (&sas.BlobPermissions{Read: true}).String(),
		ContentDisposition: mime.FormatMediaType("attachment", map[string]string{"filename": name}), ContentType: kind,
		CacheControl: "private, no-store",
	}.SignWithSharedKey(a.key)
	if err != nil {
		return "", fmt.Errorf("sign an address: %w", err)
	}
	return a.client.ServiceClient().NewContainerClient(a.container).NewBlobClient(key).URL() + "?" + query.Encode(), nil
}

// clientOptions bound how long a storage that is away keeps a request: the SDK's
// own retries take half a minute, and whoever asks tries again anyway (a client
// after its 503, a step by its workflow).
func clientOptions() *azblob.ClientOptions {
	return &azblob.ClientOptions{ClientOptions: azcore.ClientOptions{Retry: policy.RetryOptions{
		MaxRetries: 2, RetryDelay: 200 * time.Millisecond, MaxRetryDelay: 2 * time.Second,
	}}}
}

func azureClient(address string) (*azblob.Client, error) {
	switch {
	case !strings.HasPrefix(address, "https://"):
		return azblob.NewClientFromConnectionString(address, clientOptions())
	case strings.Contains(address, "?"):
		return azblob.NewClientWithNoCredential(address, clientOptions())
	}
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, fmt.Errorf("find the machine's identity: %w", err)
	}
	return azblob.NewClient(address, credential, clientOptions())
}

// Put uploads what can be rewound in one request, straight from its source, and
// anything else in blocks that are committed as one.
func (a *Azure) Put(ctx context.Context, key string, content io.Reader) error {
	if whole, ok := content.(io.ReadSeeker); ok {
		_, err := a.client.ServiceClient().NewContainerClient(a.container).NewBlockBlobClient(key).Upload(ctx, streaming.NopCloser(whole), nil)
		return reason(err)
	}
	_, err := a.client.UploadStream(ctx, a.container, key, content, nil)
	return reason(err)
}

// Get opens the bytes under key.
func (a *Azure) Get(ctx context.Context, key string) (io.ReadCloser, error) {
	response, err := a.client.DownloadStream(ctx, a.container, key, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return nil, models.NotFound("stored file")
	}
	if err != nil {
		return nil, reason(err)
	}
	// A connection that breaks in the middle is taken up where it broke.
	return response.NewRetryReader(ctx, nil), nil
}

// Delete removes the bytes under key.
func (a *Azure) Delete(ctx context.Context, key string) error {
	_, err := a.client.DeleteBlob(ctx, a.container, key, nil)
	if bloberror.HasCode(err, bloberror.BlobNotFound) {
		return nil
	}
	return reason(err)
}

// Ping says whether the container is there.
func (a *Azure) Ping(ctx context.Context) error {
	_, err := a.client.ServiceClient().NewContainerClient(a.container).GetProperties(ctx, nil)
	return reason(err)
}

// reason shortens the SDK's errors, which print the whole answer and the
// request's address with its signature.
func reason(err error) error {
	var answer *azcore.ResponseError
	if errors.As(err, &answer) {
		return fmt.Errorf("the blob storage answered %d %s", answer.StatusCode, answer.ErrorCode)
	}
	return err
}
