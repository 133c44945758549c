// Usage: TTS_API_URL=… TTS_API_KEY=… go run quickstart.go reference.wav
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

var (
	apiURL = os.Getenv("TTS_API_URL")
	apiKey = os.Getenv("TTS_API_KEY")
)

type facts struct {
	StatusCode int             `json:"status_code"`
	Location   string          `json:"location"`
	Answer     json.RawMessage `json:"answer"`
	Final      json.RawMessage `json:"final"`
	Audio      string          `json:"audio"`
}

func call(method, url, contentType string, body io.Reader) (*http.Response, []byte, error) {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+apiKey)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return response, content, err
}

func run(name string, fields map[string]string, reference string) (*facts, error) {
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	for field, value := range fields {
		if err := writer.WriteField(field, value); err != nil {
			return nil, err
		}
	}
	if reference != "" {
		file, err := os.Open(reference)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		part, err := writer.CreateFormFile("voice_ref", filepath.Base(reference))
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(part, file); err != nil {
			return nil, err
		}
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}

	response, answer, err := call("POST", apiURL+"/v1/tts/generate", writer.FormDataContentType(), &form)
	if err != nil {
		return nil, err
	}
	var job struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(answer, &job); err != nil || response.StatusCode != 202 {
		return nil, fmt.Errorf("generate: %s: %s", response.Status, answer)
	}

	for {
		_, content, err := call("GET", apiURL+"/v1/tts/status/"+job.ID, "", nil)
		if err != nil {
			return nil, err
		}
		var status struct {
			Status    string `json:"status"`
			OutputURL string `json:"output_url"`
		}
		if err := json.Unmarshal(content, &status); err != nil {
			return nil, err
		}
		switch status.Status {
		case "completed":
			download, err := http.Get(status.OutputURL)
			if err != nil {
				return nil, err
			}
			defer download.Body.Close()
			audio, err := io.ReadAll(download.Body)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(name+".wav", audio, 0o644); err != nil {
				return nil, err
			}
			return &facts{response.StatusCode, response.Header.Get("Location"), answer, content, name + ".wav"}, nil
		case "failed", "cancelled":
			return nil, fmt.Errorf("%s", content)
		}
		time.Sleep(2 * time.Second)
	}
}

func main() {
	design, err := run("design", map[string]string{
		"text":              "Welcome to our store. Shipping is free today.",
		"language":          "en",
		"voice_description": "A warm young woman with a friendly tone",
	}, "")
	if err != nil {
		log.Fatal(err)
	}
	clone, err := run("clone", map[string]string{
		"text":                "Thank you for calling. We will be right with you.",
		"cfg_value":           "2.0",
		"inference_timesteps": "10",
	}, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	json.NewEncoder(os.Stdout).Encode(map[string]*facts{"design": design, "clone": clone})
}
