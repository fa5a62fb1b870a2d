package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"decoded.digital/extractor/models"
)

// Azure keeps bytes as block blobs of one container.
type Azure struct {
	client    *azblob.Client
	container string
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
	return &Azure{client: client, container: container}, nil
}

func azureClient(address string) (*azblob.Client, error) {
	switch {
	case !strings.HasPrefix(address, "https://"):
		return azblob.NewClientFromConnectionString(address, nil)
	case strings.Contains(address, "?"):
		return azblob.NewClientWithNoCredential(address, nil)
	}
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		return nil, fmt.Errorf("find the machine's identity: %w", err)
	}
	return azblob.NewClient(address, credential, nil)
}

// Put uploads in blocks and commits them as one.
func (a *Azure) Put(ctx context.Context, key string, content io.Reader) error {
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
